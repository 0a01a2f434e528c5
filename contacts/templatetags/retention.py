"""{{ lead|goes_on }} and {% kept_days %}: how long things are kept, for any page that says so."""

from django import template
from django.conf import settings

from contacts.privacy import retention

register = template.Library()
register.filter("goes_on", retention.goes_on)


@register.simple_tag
def kept_days() -> dict:
    """Return the days for which each kind of thing is kept."""
    return {
        "leads": settings.KEEP_LEAD_DAYS["closed"],
        "suspected": settings.KEEP_LEAD_DAYS["suspected"],
        "consent_years": settings.KEEP_CONSENT_YEARS,
        "accesses": settings.KEEP_ACCESS_DAYS,
        "backups": settings.KEEP_BACKUP_DAYS,
    }
