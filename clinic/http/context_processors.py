"""Variables available in every template."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from clinic.facts import facts


def site(request):
    """Add the clinic's facts and the site's URL."""
    return {"clinic": SimpleLazyObject(facts.current), "site_url": settings.SITE_URL}
