"""The clinic's facts are filled in by steps, and the week of opening hours as seven rows."""

from datetime import time

import pytest
from django.urls import reverse

from clinic.facts import facts
from clinic.models import ClinicProfile, OpeningHours, Revision
from tests.admin_forms import Form
from tests.staff import make_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
FACTS = reverse("admin:clinic_clinicprofile_changelist")
MORNING, AFTERNOON = (time(9), time(13)), (time(14), time(19))


@pytest.fixture
def edda():
    return signed_in(make_staff("edda", "editor"))


def add_week(*periods):
    """Enter opening hours of (weekday, opens, closes)."""
    profile, _new = ClinicProfile.objects.get_or_create(pk=1)
    for weekday, opens, closes in periods:
        profile.opening_hours.create(weekday=weekday, opens=opens, closes=closes)


def week():
    return [(row.weekday, row.opens, row.closes) for row in OpeningHours.objects.all()]


def open_step(client, step):
    """Return the address of a step and what a browser would send from it."""
    response = client.get(f"{FACTS}?step={step}", follow=True)
    address = response.redirect_chain[-1][0]
    return address, Form(response.content.decode()).values


def rows_of(values, weekday):
    """Return the beginnings of the names of a day's fields."""
    return [
        name.removesuffix("weekday")
        for name, value in values.items()
        if name.endswith("-weekday") and value == str(weekday)
    ]


def typed(values, *periods):
    """Return `values` with (weekday, opens, closes), as text, typed into the first empty rows of their days."""
    values = dict(values)
    for weekday, opens, closes in periods:
        row = next(row for row in rows_of(values, weekday) if not values[row + "opens"])
        values |= {row + "opens": opens, row + "closes": closes}
    return values


def save_week(client, *periods, **extra):
    address, values = open_step(client, "hours")
    return client.post(address, typed(values, *periods) | extra)


@pytest.mark.parametrize(
    "periods",
    [
        [(0, "09:00", "13:00"), (0, "12:00", "18:00")],
        [(0, "12:00", "18:00"), (1, "09:00", "13:00"), (0, "09:00", "13:00")],
        [(0, "09:00", "18:00"), (0, "10:00", "11:00")],
        [(0, "09:00", "18:00"), (0, "09:00", "18:00")],
    ],
)
def test_hours_of_one_day_that_overlap_are_refused_beside_their_row(edda, periods):
    response = save_week(edda, *periods)
    assert response.status_code == 200
    assert "overlaps with Monday 09:00-" in response.content.decode()
    assert week() == []


@pytest.mark.parametrize(
    ("opens", "closes", "message"),
    [
        ("13:00", "09:00", "Monday: closes</a>: Closing time must be after opening time."),
        ("09:00", "", "Monday: closes</a>: Write this time too, or empty both."),
        ("", "13:00", "Monday: opens</a>: Write this time too, or empty both."),
        ("25:99", "26:00", "Monday: opens</a>: Enter a valid time."),
    ],
)
def test_a_wrong_time_is_said_with_its_day_and_stays_in_the_form(edda, opens, closes, message):
    response = save_week(edda, (0, opens, closes))
    page = response.content.decode()
    assert message in page
    row = rows_of(Form(page).values, 0)[0]
    assert (Form(page).values[row + "opens"], Form(page).values[row + "closes"]) == (opens, closes)
    assert week() == []


def test_the_week_speaks_italian_to_italian_staff(edda):
    edda.defaults["HTTP_ACCEPT_LANGUAGE"] = "it"
    page = save_week(edda, (0, "09:00", "13:00"), (0, "12:00", "18:00")).content.decode()
    assert "Si sovrappone a Lunedì 09:00-13:00" in page


def test_hours_that_meet_are_saved_and_emptied_ones_are_deleted(edda):
    save_week(edda, (0, "09:00", "13:00"), (0, "13:00", "18:00"), (6, "10:00", "11:00"))
    assert week() == [(0, time(9), time(13)), (0, time(13), time(18)), (6, time(10), time(11))]
    address, values = open_step(edda, "hours")
    (first, second), (sunday, _free) = rows_of(values, 0), rows_of(values, 6)
    emptied = {row + name: "" for row in (first, sunday) for name in ("opens", "closes")}
    edda.post(address, values | emptied | {second + "closes": "17:00"})
    assert week() == [(0, time(13), time(17))]


def test_a_day_of_many_periods_stays_whole_when_another_day_changes(edda):
    saturday = [(5, time(hour), time(hour, 59)) for hour in range(4)]
    add_week(*saturday)
    save_week(edda, (0, "09:00", "13:00"))
    assert week() == [(0, *MORNING), *saturday]


def test_monday_is_copied_to_all_weekdays_and_saved_only_by_the_next_save(edda):
    add_week((1, time(8), time(20)), (5, *MORNING))
    response = save_week(edda, (0, "09:00", "13:00"), (0, "14:00", "19:00"), _copy_monday="")
    assert week() == [(1, time(8), time(20)), (5, *MORNING)]
    page = response.content.decode()
    assert "on every weekday now. Nothing was saved yet." in page
    assert "Error:" not in page
    address, _values = open_step(edda, "hours")
    edda.post(address, Form(page).values)
    assert week() == [*((day, *times) for day in range(5) for times in (MORNING, AFTERNOON)), (5, *MORNING)]


def test_all_periods_of_monday_are_copied(edda):
    monday = [(0, time(hour), time(hour, 59)) for hour in range(4)]
    address, values = open_step(edda, "hours")
    add_week(*monday)  # by a colleague, since
    copied = edda.post(address, values | {"_copy_monday": ""})
    assert copied.status_code == 409
    edda.post(address, Form(copied.content.decode()).values)
    assert week() == [(day, *times) for day in range(5) for _monday, *times in monday]


def test_an_empty_monday_empties_the_weekdays(edda):
    add_week((1, *MORNING))
    page = save_week(edda, _copy_monday="").content.decode()
    edda.post(open_step(edda, "hours")[0], Form(page).values)
    assert week() == []


def test_a_step_changes_only_its_own_facts_and_goes_on_to_the_next(edda):
    add_week((0, *MORNING))
    ClinicProfile.objects.update(phone="+39 02 000000", vat_number="12345678901")
    address, values = open_step(edda, "privacy")
    assert "phone" not in values
    response = edda.post(address, values | {"processors": "Posta SRL", "phone": "", "_next": ""})
    assert response.url.endswith("?step=promise")
    address, values = open_step(edda, "promise")
    assert edda.post(address, values | {"answer_within_hours": "16"}).url == address
    profile = ClinicProfile.objects.get()
    assert (profile.processors, profile.phone, profile.answer_within_hours) == ("Posta SRL", "+39 02 000000", 16)
    assert week() == [(0, *MORNING)]
    assert Revision.of(profile).first().content["parts"]["opening_hours"]


def test_two_who_fill_in_an_empty_site_at_once_lose_nothing(edda):
    (address, mine), (_address, theirs) = open_step(edda, "find"), open_step(edda, "find")
    edda.post(address, theirs | {"phone": "+39 02 000000"})
    merged = edda.post(address, mine | {"street": "Via di Prova 1"})
    assert merged.status_code == 409
    edda.post(address, Form(merged.content.decode()).values)
    assert ClinicProfile.objects.filter(phone="+39 02 000000", street="Via di Prova 1").exists()


def test_an_unknown_step_is_the_first(edda):
    assert "phone" in open_step(edda, "elsewhere")[1]


def test_a_colleague_s_save_of_the_same_step_is_merged_and_said(edda):
    add_week((0, *MORNING))
    ClinicProfile.objects.update(vat_number="12345678901")
    address, values = open_step(edda, "law")
    carlo = signed_in(make_staff("carlo", "editor"))
    theirs, other = open_step(carlo, "law")
    carlo.post(theirs, other | {"vat_number": "10987654321", "health_director": "Anna Rossi"})
    response = edda.post(address, values | {"vat_number": "11111111111"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "10987654321" in page
    edda.post(address, Form(page).values)
    profile = ClinicProfile.objects.get()
    assert (profile.vat_number, profile.health_director) == ("11111111111", "Anna Rossi")


def test_a_colleague_s_time_stands_beside_mine_as_a_clock_shows_it(edda):
    add_week((0, *MORNING))
    address, values = open_step(edda, "hours")
    OpeningHours.objects.update(closes=time(12, 30))
    row = rows_of(values, 0)[0]
    page = edda.post(address, values | {row + "closes": "12:00"}).content.decode()
    assert '<q class="theirs">12:30</q>' in page


@pytest.mark.parametrize(
    ("step", "texts"),
    [
        ("find", ["Via di Prova 1, 20100 Milano", "Dove siamo", "Where we are"]),
        ("hours", ["09:00–13:00", "Mercoledì", "Wednesday"]),
        ("law", ["Partita IVA: 12345678901", "VAT number: 12345678901"]),
        ("privacy", ["Centro SRL", "Responsabile della protezione dei dati (RPD): Anna Rossi"]),
        ("promise", ["entro due giorni lavorativi", "within two working days"]),
    ],
)
def test_beside_each_step_stands_what_patients_read_in_both_languages(edda, step, texts):
    add_week((0, *MORNING))
    ClinicProfile.objects.update(
        street="Via di Prova 1", postal_code="20100", legal_name="Centro SRL", vat_number="12345678901",
        data_protection_officer="Anna Rossi", answer_within_hours=16,
    )  # fmt: skip
    page = edda.get(f"{FACTS}?step={step}", follow=True).content.decode()
    for text in texts:
        assert text in page, text


def test_the_steps_and_the_home_say_what_is_missing_where(edda):
    page = edda.get(FACTS, follow=True).content.decode()
    assert "Nothing yet." not in page  # the name of the centre has a description until it is written
    assert "Nothing yet." in edda.get(f"{FACTS}?step=hours", follow=True).content.decode()
    home = edda.get("/admin/").content.decode()
    assert f'<a href="{FACTS}?step=hours">Opening hours</a>: opening hours' in home
    add_week((0, *MORNING))
    page = edda.get(FACTS, follow=True).content.decode()
    assert page.count("✓ complete") == 1
    facts.invalidate()
    assert f"{FACTS}?step=hours" not in edda.get("/admin/").content.decode()


def test_a_draft_of_the_facts_holds_every_step_and_is_published_whole(edda):
    add_week((0, *MORNING))
    address, values = open_step(edda, "find")
    assert edda.post(address, values | {"city": "Monza", "_draft": "1"}).status_code == 302
    assert ClinicProfile.objects.get().city != "Monza"
    page = edda.get("/admin/clinic/clinicprofile/1/draft/")
    values = typed(Form(page.content.decode()).values, (6, "10:00", "12:00"))
    values |= {"legal_name": "Centro Srl", "_draft": "1"}
    assert edda.post("/admin/clinic/clinicprofile/1/draft/", values).status_code == 302
    assert week() == [(0, *MORNING)]
    draft = Revision.draft_of(ClinicProfile, 1)
    edda.post("/admin/clinic/clinicprofile/1/draft/", {"draft": draft.pk, "_save": "1"})
    clinic = ClinicProfile.objects.get()
    assert (clinic.city, clinic.legal_name) == ("Monza", "Centro Srl")
    assert week() == [(0, *MORNING), (6, time(10), time(12))]


@pytest.mark.parametrize("number", ["x", "1000"])
def test_a_number_of_opening_hours_that_no_form_sends_is_a_bad_request_and_changes_nothing(edda, number):
    add_week((0, *MORNING))
    address, values = open_step(edda, "hours")
    (total,) = [name for name in values if name.startswith("opening_hours") and name.endswith("-TOTAL_FORMS")]
    assert edda.post(address, typed(values, (1, "09:00", "13:00")) | {total: number}).status_code == 400
    assert week() == [(0, *MORNING)]
