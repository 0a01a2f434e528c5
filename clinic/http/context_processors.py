"""What every template may use."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from clinic.facts import facts


def site(request):
    """Give the clinic's facts and the site's address to every page."""
    return {"clinic": SimpleLazyObject(facts.current), "site_url": settings.SITE_URL}
