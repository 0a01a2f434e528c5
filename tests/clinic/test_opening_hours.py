"""The opening hours in the admin: hours that overlap are refused with an error message."""

import pytest
from django.urls import reverse

from clinic.models import ClinicProfile, OpeningHours
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db


def save(*hours, language="en", removed=()):
    """Save opening hours of (weekday, opens, closes) as an editor does; return the response."""
    ClinicProfile.objects.get_or_create(pk=1)
    data = {"opening_hours-TOTAL_FORMS": len(hours), "opening_hours-INITIAL_FORMS": 0}
    data |= {"closures-TOTAL_FORMS": 0, "closures-INITIAL_FORMS": 0}
    for number, row in enumerate(hours):
        data |= {
            f"opening_hours-{number}-{key}": value
            for key, value in zip(("weekday", "opens", "closes"), row, strict=True)
        }
        if number in removed:
            data[f"opening_hours-{number}-DELETE"] = "on"
    client = signed_in(make_staff("edda", "editor"))
    address = reverse("admin:clinic_clinicprofile_change", args=[1])
    return client.post(address, data, headers={"Accept-Language": language})


@pytest.mark.parametrize(
    "week",
    [
        [(0, "09:00", "13:00"), (0, "12:00", "18:00")],
        [(0, "12:00", "18:00"), (1, "09:00", "13:00"), (0, "09:00", "13:00")],
        [(0, "09:00", "18:00"), (0, "10:00", "11:00")],
        [(0, "09:00", "18:00"), (0, "09:00", "18:00")],
    ],
)
def test_hours_of_one_day_that_overlap_are_refused(week):
    response = save(*week)
    assert response.status_code == 200
    assert "overlaps with Monday 09:00-" in response.content.decode()
    assert not OpeningHours.objects.exists()


def test_the_error_message_is_italian_for_italian_staff():
    page = save((0, "09:00", "13:00"), (0, "12:00", "18:00"), language="it").content.decode()
    assert "Si sovrappone a Lunedì 09:00-13:00" in page


@pytest.mark.parametrize(
    ("week", "removed"),
    [
        ([(0, "09:00", "13:00"), (0, "13:00", "18:00"), (1, "09:00", "18:00")], ()),
        ([(0, "09:00", "18:00"), (0, "10:00", "11:00")], {1}),
    ],
)
def test_hours_that_are_adjacent_or_removed_are_saved(week, removed):
    assert save(*week, removed=removed).status_code == 302
    assert OpeningHours.objects.count() == len(week) - len(removed)
