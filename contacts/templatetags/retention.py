"""{{ lead|erased_on }} and {% kept_days %}: how long data is kept, for any page that states it."""

from django import template
from django.conf import settings

from contacts.privacy import retention

register = template.Library()
register.filter("erased_on", retention.erased_on)


@register.simple_tag
def kept_days() -> dict:
    """Return the retention in days (consents: years) of each kind of data."""
    return {
        "leads": settings.KEEP_LEAD_DAYS["closed"],
        "suspected": settings.KEEP_LEAD_DAYS["suspected"],
        "consent_years": settings.KEEP_CONSENT_YEARS,
        "accesses": settings.KEEP_ACCESS_DAYS,
        "backups": settings.KEEP_BACKUP_DAYS,
    }
