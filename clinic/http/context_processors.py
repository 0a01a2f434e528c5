"""Variables available in every template."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from clinic.facts import facts
from clinic.http.static_files import stylesheet


def site(request):
    """Add the clinic's facts, the site's URL, and the stylesheet of pages that carry it (clinic.caching.page_cache)."""
    return {
        "clinic": SimpleLazyObject(facts.current),
        "site_url": settings.SITE_URL,
        "stylesheet": stylesheet() if getattr(request, "is_compressed", False) else "",
    }
