"""Working time of the centre: its opening hours without closures and the public holidays of Milan."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from clinic.models import ClinicProfile
from clinic.working_days import public_holidays

ROME = ZoneInfo("Europe/Rome")
ONE_DAY = timedelta(days=1)
# While no opening hours are entered.
ASSUMED_HOURS = dict.fromkeys(range(5), ((time(9), time(18)),))
# An unanswered lead is late after this many hours of working time, if the centre has promised none.
HOURS_TO_ANSWER = 16

Hours = Mapping[int, Iterable[tuple[time, time]]]


class WorkingTime:
    """A calendar: `hours` by weekday (Monday is 0), `closures` as (first day, last day)."""

    def __init__(self, hours: Hours, closures: Iterable[tuple[date, date]] = ()):
        self.is_assumed = not hours
        self.hours = hours or ASSUMED_HOURS
        self.closures = list(closures)
        self._intervals: dict[date, list[tuple[datetime, datetime]]] = {}

    @classmethod
    def of(cls, profile: ClinicProfile) -> "WorkingTime":
        """Return the calendar of the centre's own facts (clinic.facts.facts.current())."""
        hours: dict[int, list[tuple[time, time]]] = {}
        for row in profile.hours:
            hours.setdefault(row.weekday, []).append((row.opens, row.closes))
        return cls(hours, [(closure.first_day, closure.last_day) for closure in profile.closed_days])

    @property
    def day(self) -> timedelta:
        """Return the length of an average working day."""
        weekday = date(2001, 1, 1)  # only the difference of the clock times counts
        spans = [
            datetime.combine(weekday, closes) - datetime.combine(weekday, opens)
            for intervals in self.hours.values()
            for opens, closes in intervals
        ]
        return sum(spans, timedelta()) / len(self.hours)

    def intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the opening hours of `day` as (start, end) in UTC, where clock changes do not matter."""
        if day not in self._intervals:
            is_off = day in public_holidays(day.year) or any(first <= day <= last for first, last in self.closures)
            self._intervals[day] = (
                []
                if is_off
                else sorted(
                    tuple(datetime.combine(day, clock, ROME).astimezone(UTC) for clock in interval)
                    for interval in self.hours.get(day.weekday(), ())
                )
            )
        return self._intervals[day]

    def first_opening(self, day: date) -> datetime:
        """Return when the centre opens on `day`, or on the first day after it on which it does."""
        # Without any opening hours in a year: midnight.
        for opening in (self.intervals(day + number * ONE_DAY) for number in range(366)):
            if opening:
                return opening[0][0]
        return datetime.combine(day, time.min, ROME)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`."""
        total = timedelta()
        day, last_day = (moment.astimezone(ROME).date() for moment in (start, end))
        while day <= last_day:
            for opens, closes in self.intervals(day):
                total += max(min(end, closes) - max(start, opens), timedelta())
            day += ONE_DAY
        return total

    def moment_before(self, end: datetime, amount: timedelta) -> datetime:
        """Return the latest moment with `amount` of working time between it and `end`: earlier leads are late."""
        day = end.astimezone(ROME).date()
        # Without any opening hours in a year no lead is late.
        for _ in range(366):
            for opens, closes in reversed(self.intervals(day)):
                worked = max(min(end, closes) - opens, timedelta())
                if worked >= amount:
                    return min(end, closes) - amount
                amount -= worked
            day -= ONE_DAY
        return datetime.min.replace(tzinfo=UTC)


def late_before(profile: ClinicProfile, *, now: datetime) -> datetime:
    """Return the moment before which an unanswered lead must have been received to be late."""
    hours = profile.answer_within_hours or HOURS_TO_ANSWER
    return WorkingTime.of(profile).moment_before(now, timedelta(hours=hours))


def in_words(waited: timedelta, *, day: timedelta) -> str:
    """Return `waited` in working days of the length `day`, and below one day in whole working hours."""
    if days := waited // day:
        return ngettext("%(count)d working day", "%(count)d working days", days) % {"count": days}
    if hours := waited // timedelta(hours=1):
        return ngettext("%(count)d working hour", "%(count)d working hours", hours) % {"count": hours}
    return gettext("less than an hour")
