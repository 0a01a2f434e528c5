"""The few pages that belong to no app: accessibility, and what machines ask for."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.facts import facts


@require_safe
def accessibility(request):
    return render(request, "clinic/accessibility.html")


@require_safe
def robots(request):
    lines = ["User-agent: *", "Disallow: /admin/", f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request):
    """RFC 9116: whom to tell about a weakness; it exists only once the clinic has given an address."""
    email = facts.current().email
    if not email:
        raise Http404
    expires = (timezone.now() + timedelta(days=180)).replace(microsecond=0, second=0, minute=0, hour=0)
    lines = [
        f"Contact: mailto:{email}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: it, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
