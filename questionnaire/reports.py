"""Weekly counts of the outcomes shown, for the chart on the desk."""

from datetime import date, timedelta

from questionnaire.models import DailyTally, Outcome

WEEKS = 12


def mondays(*, today: date) -> list[date]:
    """Return the Mondays of the last twelve weeks, oldest first, this week's last: the axis of both charts."""
    this_monday = today - timedelta(days=today.weekday())
    return [this_monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def self_checks_by_week(*, today: date) -> list[tuple[date, list[int]]]:
    """Return (Monday, [count of each outcome, in the order of Outcome.KEYS]) of the last twelve weeks, oldest first."""
    weeks = {monday: dict.fromkeys(map(str, Outcome.KEYS), 0) for monday in mondays(today=today)}
    for tally in DailyTally.objects.filter(day__gte=min(weeks), day__lte=today):
        weeks[tally.day - timedelta(days=tally.day.weekday())][tally.outcome] += tally.count
    return [(monday, list(counts.values())) for monday, counts in weeks.items()]
