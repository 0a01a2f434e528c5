"""The week of the centre as pages show it, with what the browser needs to tell whether it is open now."""

from itertools import groupby

from django import template
from django.utils import timezone

from clinic.models import OpeningHours
from clinic.working_days import public_holidays_after

register = template.Library()


@register.simple_tag(takes_context=True)
def week_hours(context):
    """Return the opening hours by weekday, the closures not yet over and the next public holidays."""
    today, clinic = timezone.localdate(), context["clinic"]
    by_day = groupby(clinic.hours, key=lambda hours: hours.weekday)
    return {
        "days": [(OpeningHours.Weekday(day), list(stretches)) for day, stretches in by_day],
        "closures": [closure for closure in clinic.closed_days if closure.last_day >= today],
        "holidays": " ".join(day.isoformat() for day in public_holidays_after(today, days=60)),
    }
