"""Template tags for dates: a date with the month's name, the opening hours of the centre."""

from itertools import groupby

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from clinic.models import OpeningHours
from clinic.working_days import public_holidays_after

register = template.Library()


@register.filter(expects_localtime=True)
def in_words(day):
    """Return "22 November 2026" or "22 novembre 2026": Django capitalises Italian months."""
    text = date_format(day, "j F Y")
    return text.lower() if get_language() == "it" else text


@register.filter
def weekday_in_words(day):
    """Return "Thursday 3 December" or "giovedì 3 dicembre"."""
    text = date_format(day, "l j F")
    return text.lower() if get_language() == "it" else text


@register.simple_tag(takes_context=True)
def week_hours(context):
    """Return the opening hours by weekday, the present and coming closures and the holidays of the next 60 days."""
    today, clinic = timezone.localdate(), context["clinic"]
    by_day = {day: list(stretches) for day, stretches in groupby(clinic.hours, key=lambda hours: hours.weekday)}
    return {
        "days": [(day, by_day.get(day, [])) for day in OpeningHours.Weekday] if by_day else [],
        "closures": [closure for closure in clinic.closed_days if closure.last_day >= today],
        "holidays": " ".join(day.isoformat() for day in public_holidays_after(today, days=60)),
    }
