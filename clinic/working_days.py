"""The public holidays of Milan: days on which the centre is closed whatever its hours say."""

from datetime import date, timedelta
from functools import cache


@cache
def public_holidays(year: int) -> frozenset[date]:
    """Return the holidays of `year`: Italy's, and Milan's own Sant'Ambrogio."""
    # Imported here: it takes a third of a second and 17 MB, and only the desk and pages with opening hours want it.
    from holidays import country_holidays

    return frozenset(country_holidays("IT", subdiv="MI", years=year))


def public_holidays_after(day: date, *, days: int) -> list[date]:
    """Return the holidays from `day` on, in the next `days` days."""
    last = day + timedelta(days=days)
    return sorted(one for year in {day.year, last.year} for one in public_holidays(year) if day <= one <= last)
