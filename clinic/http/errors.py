"""Error pages in the language of the address, rendered without the database."""

import logging
import sys

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
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


def desk_messages(status):
    """Return (heading, explanation) of an error page for staff, where they differ from those of patients."""
    return {
        403: (
            _("This page was open for too long"),
            _("Nothing was saved. Go back, copy what you typed, reload the page and try again."),
        ),
        404: (_("This page does not exist"), _("The address may be mistyped, or what it showed is no longer there.")),
        413: (_("This is too large"), _("Nothing was saved. Go back and shorten it, or choose a smaller file.")),
        500: (
            _("Something went wrong on our side"),
            _("Go back and try again. If it happens again, tell the person who runs the site."),
        ),
        503: (
            _("We cannot do this right now"),
            _("Nothing was saved. Go back, copy what you typed and try again in a few minutes."),
        ),
    }.get(status) or messages(status)


def desk_page(request, status, words=()):
    """Return the error page of the desk; after a failure neither the account nor the database is asked."""
    heading, explanation = words or desk_messages(status)
    context = {"title": heading, "explanation": explanation}
    if status < 500 and hasattr(request, "user"):
        context |= admin.site.each_context(request)
    else:
        context |= {"user": AnonymousUser(), "messages": [], "has_permission": False}
    return render(request, "admin/error.html", context, status=status)


def page(request, status):
    """Return the error page for `status`: 400, 403, 404, 405, 413, 500 or 503."""
    if request.path_info.startswith("/admin/"):
        return desk_page(request, status)
    heading, explanation = messages(status)
    context = {"clinic": facts.last(), "status": status, "heading": heading, "explanation": explanation}
    # Also of a view whose pages are: an error page is not compressed.
    context["stylesheet"] = ""
    return render(request, "clinic/error.html", context, status=status)


def bad_request(request, exception=None):
    return page(request, 400)


def permission_denied(request, exception=None):
    if request.path_info.startswith("/admin/"):
        explanation = _("Your role does not open this page. If you need it, ask a colleague with the Owner role.")
        return desk_page(request, 403, (_("Not part of your role"), explanation))
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
