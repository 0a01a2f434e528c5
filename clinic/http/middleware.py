"""Middleware: limits on every request, no cookies on the public site, session limits for staff."""

import time

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponseNotAllowed

from clinic.encryption import fingerprints
from clinic.http import errors, static_files

ADMIN = "/admin/"


class RequestGuard:
    """Accept any Host for health checks; refuse bodies larger than any form, and NUL characters in admin requests.

    Every other request is a 503 while the encryption keys are not verified: the start cannot verify them while the
    database is away.
    """

    HEALTH_CHECKS = ("/livez", "/readyz")
    # A megabyte of accented text is three of form data: the form must receive it, to report it and keep the text.
    MAX_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    MAX_BYTES_ADMIN = 25 * 1024 * 1024

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info in self.HEALTH_CHECKS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0]
        elif not fingerprints.are_verified():
            return errors.page(request, 503)
        is_admin = request.path_info.startswith(ADMIN)
        if int(request.META.get("CONTENT_LENGTH") or 0) > (self.MAX_BYTES_ADMIN if is_admin else self.MAX_BYTES):
            return errors.page(request, 413)
        if is_admin and self.contains_nul(request):
            return errors.page(request, 400)
        return self.get_response(request)

    @staticmethod
    def contains_nul(request):
        """PostgreSQL refuses NUL, and no browser sends one. In a posted field it is an error of the form."""
        return "%00" in request.get_full_path() or any("\0" in value for value in request.COOKIES.values())


class PublicSideWithoutCookies:
    """Remove cookies from requests outside /admin/, so that no session, user or token can reach a public page.

    Staff who are signed in are anonymous there too: every response is the same for everyone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(ADMIN):
            request.META.pop("HTTP_COOKIE", None)
            response = self.get_response(request)
            remove_vary_cookie(response)
            response._csp_update = {"style-src": static_files.stylesheet_source()}
        else:
            response = self.get_response(request)
            response._csp_replace = settings.ADMIN_POLICY
            response.headers.setdefault("Cache-Control", "no-store, private")
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = errors.page(request, 405).content
            response["Content-Length"] = str(len(response.content))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


def remove_vary_cookie(response):
    """Django's language redirects send "Vary: Cookie", which is not true of the public site."""
    names = [name for name in response.get("Vary", "").split(", ") if name and name.lower() != "cookie"]
    if names:
        response["Vary"] = ", ".join(names)
    else:
        del response["Vary"]


class SessionLimits:
    """Sign staff out after 30 minutes without a request and 12 hours after they signed in."""

    IDLE_SECONDS = 30 * 60
    MAX_SECONDS = 12 * 60 * 60
    # The precision of the idle time: not every request writes to the database.
    WRITE_EVERY_SECONDS = 60

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(ADMIN) and request.user.is_authenticated:
            self.limit(request, now=int(time.time()))
        return self.get_response(request)

    def limit(self, request, *, now):
        session = request.session
        began, seen = session.setdefault("began", now), session.setdefault("seen", now)
        if now - began >= self.MAX_SECONDS or now - seen >= self.IDLE_SECONDS:
            logout(request)
        elif now - seen >= self.WRITE_EVERY_SECONDS:
            session["seen"] = now
