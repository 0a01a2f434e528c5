"""What holds for every request: patients carry no cookie, staff pages carry nonces, sessions have an end."""

import time

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponseNotAllowed

from clinic.encryption import fingerprints
from clinic.http import errors

ADMIN = "/admin/"


class RequestGuard:
    """Let probes in by whatever name they call the site; turn away bodies larger than any form, and NUL from the desk.

    Nobody else gets in while the keys are known to be wrong: the database may have been away at the start.
    """

    PROBES = ("/livez", "/readyz")
    # A megabyte of accented text is three of form data: the form must get it, to say so and to keep it.
    MOST_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    MOST_BYTES_OF_STAFF = 25 * 1024 * 1024

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info in self.PROBES:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0]
        elif not fingerprints.are_verified():
            return errors.page(request, 503)
        most = self.MOST_BYTES_OF_STAFF if request.path_info.startswith(ADMIN) else self.MOST_BYTES
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            return errors.page(request, 413)
        if request.path_info.startswith(ADMIN) and self.holds_nul(request):
            return errors.page(request, 400)
        return self.get_response(request)

    @staticmethod
    def holds_nul(request):
        """PostgreSQL takes no NUL, and no browser sends one by itself. In a posted field it is the form's to name."""
        return "%00" in request.get_full_path() or any("\0" in value for value in request.COOKIES.values())


class PublicSideWithoutCookies:
    """Let nothing outside /admin/ see a cookie, so that no session, user or token can reach a public page.

    Staff who are signed in are strangers there too: every answer is the same for everyone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(ADMIN):
            request.META.pop("HTTP_COOKIE", None)
            response = self.get_response(request)
            if "Vary" in response:
                # Django's language redirects say "Vary: Cookie", which is never so here.
                names = [name for name in response["Vary"].split(", ") if name.lower() != "cookie"]
                response["Vary"] = ", ".join(names)
        else:
            response = self.get_response(request)
            response._csp_replace = settings.ADMIN_POLICY
            response.headers.setdefault("Cache-Control", "no-store, private")
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = errors.page(request, 405).content
            response["Content-Length"] = str(len(response.content))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class SessionLimits:
    """Sign staff out after 30 minutes without a click and 12 hours after they signed in."""

    IDLE_SECONDS = 30 * 60
    LONGEST_SECONDS = 12 * 60 * 60
    # How exact the idle time is: not every click needs to write to the database.
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
        if now - began >= self.LONGEST_SECONDS or now - seen >= self.IDLE_SECONDS:
            logout(request)
        elif now - seen >= self.WRITE_EVERY_SECONDS:
            session["seen"] = now
