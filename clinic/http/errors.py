"""Error pages in the language of the address, rendered without the database."""

import logging
import sys

from django.conf import settings
from django.contrib import admin
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.database.errors import is_unavailable
from clinic.facts import facts

log = logging.getLogger(__name__)


def messages(status):
    """Return (heading, explanation) of an error page."""
    return {
        400: (
            _("We could not read this request"),
            _("Something in it was not as it should be. Please go back and try again."),
        ),
        403: (
            _("This request was refused"),
            _("It did not come from a page of this site. Please open the page here and try again."),
        ),
        404: (_("This page does not exist"), _("The address may be mistyped, or the page may have moved.")),
        405: (_("This page cannot be used this way"), _("Please open it from a link on the site.")),
        413: (_("This is too large"), _("Please shorten it, or choose a smaller file, and try again.")),
        500: (
            _("Something went wrong on our side"),
            _("It is not your fault. Please try again in a few minutes."),
        ),
        503: (
            _("We cannot do this right now"),
            _("Nothing was saved. Please try again in a few minutes."),
        ),
    }[status]


def page(request, status):
    """Return the error page for `status`: 400, 403, 404, 405, 413, 500 or 503."""
    heading, explanation = messages(status)
    context = {"clinic": facts.last(), "status": status, "heading": heading, "explanation": explanation}
    return render(request, "clinic/error.html", context, status=status)


def bad_request(request, exception=None):
    return page(request, 400)


def permission_denied(request, exception=None):
    if request.path_info.startswith("/admin/"):
        context = admin.site.each_context(request) | {"title": _("Not part of your role")}
        return render(request, "admin/refused.html", context, status=403)
    return page(request, 403)


def form_refused(request, reason=""):
    """CSRF_FAILURE_VIEW: the form's token is missing or wrong, because the tab is old or another site sent it."""
    if request.path_info.startswith(str(settings.LOGIN_URL)) and request.user.is_authenticated:
        # A password manager has sent the form of sign-in a second time.
        return redirect(settings.LOGIN_REDIRECT_URL)
    return page(request, 403)


def not_found(request, exception=None):
    return page(request, 404)


def server_error(request):
    """Return 503 if the database is locked, full or unavailable, 500 for any other exception."""
    error = sys.exception()
    if not is_unavailable(error):
        return page(request, 500)
    log.error("database unavailable", extra={"error": type(error).__name__})
    return page(request, 503)
