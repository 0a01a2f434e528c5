"""{% self_check_report %}: how often each outcome was shown, for the desk's home."""

from django import template
from django.utils import timezone

from questionnaire.models import Outcome
from questionnaire.reports import self_checks_by_week

register = template.Library()


@register.inclusion_tag("admin/home/self_checks.html")
def self_check_report():
    return {"rows": self_checks_by_week(today=timezone.localdate()), "series": list(Outcome.KEYS.values())}
