"""Views that belong to no other app: the accessibility page, robots.txt and security.txt."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from clinic.caching.page_cache import cached_page
from clinic.facts import facts


@require_safe
@cached_page
def accessibility(request):
    return render(request, "clinic/accessibility.html")


@require_safe
def robots(request):
    lines = ["User-agent: *", "Disallow: /admin/", f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request):
    """RFC 9116: where to report a vulnerability: the clinic's email, if it is filled in, and the contact form."""
    email = facts.current().email
    with override("en"):
        form = settings.SITE_URL + reverse("contacts:contact")
    expires = (timezone.now() + timedelta(days=180)).replace(microsecond=0, second=0, minute=0, hour=0)
    lines = [
        *([f"Contact: mailto:{email}"] if email else []),
        f"Contact: {form}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: it, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
