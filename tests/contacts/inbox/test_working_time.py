from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import ClinicProfile, Closure, OpeningHours
from contacts.inbox.working_time import HOURS_TO_ANSWER, WorkingTime, in_words, late_before

ROME = ZoneInfo("Europe/Rome")
OFFICE = WorkingTime({day: [(time(9), time(13)), (time(14), time(18))] for day in range(5)})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-18 10:00", "2026-11-18 12:00", 2),
        ("2026-11-18 12:00", "2026-11-18 15:00", 2),  # over lunch
        ("2026-11-18 17:00", "2026-11-19 10:00", 2),  # over night
        ("2026-11-20 17:00", "2026-11-23 10:00", 2),  # over a weekend
        ("2026-11-21 08:00", "2026-11-22 20:00", 0),  # a weekend
        ("2026-12-04 17:00", "2026-12-09 10:00", 2),  # Sant'Ambrogio on Monday, the Immacolata on Tuesday
        ("2026-04-03 17:00", "2026-04-07 10:00", 2),  # Easter Monday
        ("2026-12-31 17:00", "2027-01-04 10:00", 2),  # New Year's Day, a weekend, another year
        ("2026-11-18 20:00", "2026-11-18 08:00", 0),  # a clock that was put back
    ],
)
def test_only_hours_in_which_the_centre_works_are_counted(start, end, hours):
    assert OFFICE.between(at(start), at(end)) == timedelta(hours=hours)


def test_a_closure_counts_for_nothing_from_its_first_to_its_last_day():
    closed = WorkingTime(OFFICE.hours, [(date(2026, 8, 10), date(2026, 8, 21))])
    assert closed.between(at("2026-08-07 17:00"), at("2026-08-24 10:00")) == timedelta(hours=2)


def test_an_hour_is_an_hour_on_the_days_when_the_clocks_change():
    night = WorkingTime({6: [(time(0), time(6))]})
    assert night.between(at("2026-03-29 00:00"), at("2026-03-29 23:00")) == timedelta(hours=5)
    assert night.between(at("2026-10-25 00:00"), at("2026-10-25 23:00")) == timedelta(hours=7)
    assert OFFICE.between(at("2026-03-27 17:00"), at("2026-03-30 10:00")) == timedelta(hours=2)


def test_without_opening_hours_weekdays_from_nine_to_six_are_assumed_and_said():
    unset = WorkingTime({})
    assert unset.is_assumed
    assert not OFFICE.is_assumed
    assert unset.between(at("2026-11-20 00:00"), at("2026-11-23 00:00")) == timedelta(hours=9)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda moment: moment.replace(tzinfo=ROME))


@given(moments, st.integers(0, 60))
def test_the_moment_before_is_exactly_that_much_working_time_before(end, hours):
    amount = timedelta(hours=hours)
    assert OFFICE.between(OFFICE.moment_before(end, amount), end) == amount


@given(moments, moments, moments)
def test_waiting_adds_up(one, two, three):
    first, second, third = sorted([one, two, three])
    assert OFFICE.between(first, second) + OFFICE.between(second, third) == OFFICE.between(first, third)


def test_a_centre_that_never_opens_makes_nobody_late():
    never = WorkingTime({0: []}, [(date(2000, 1, 1), date(2100, 1, 1))])
    assert never.moment_before(at("2026-11-18 10:00"), timedelta(hours=1)).year == 1


@pytest.mark.parametrize(("promise", "late"), [(None, "2026-11-17 11:00"), (2, "2026-11-18 16:00")])
def test_late_is_what_the_centre_promised_or_else_sixteen_hours(promise, late):
    profile = ClinicProfile(answer_within_hours=promise)
    profile.hours = [OpeningHours(weekday=day, opens=time(9), closes=time(18)) for day in range(5)]
    profile.closed_days = [Closure(first_day=date(2026, 11, 16), last_day=date(2026, 11, 16))]
    assert late_before(profile, now=at("2026-11-18 18:00")) == at(late)


def test_the_help_of_the_promised_hours_states_the_default():
    assert f"({HOURS_TO_ANSWER} " in ClinicProfile._meta.get_field("answer_within_hours").help_text


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "less than an hour"),
        (1, "1 working hour"),
        (8.9, "8 working hours"),
        (9, "1 working day"),
        (440, "48 working days"),
    ],
)
def test_working_time_is_said_in_working_days_and_below_one_in_hours(hours, words):
    with override("en"):
        assert in_words(timedelta(hours=hours), day=WorkingTime({}).day) == words
    assert WorkingTime({0: [(time(9), time(12)), (time(14), time(16))], 1: [(time(9), time(16))]}).day == timedelta(
        hours=6
    )
