"""The desk: Django's admin, open only to staff who signed in with a second factor."""

import re
from collections.abc import Mapping
from functools import wraps

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from clinic.staff import second_factor
from clinic.staff.record import Event, record

# The fields in which a form says how many parts it has: fewer than a thousand.
COUNTS = ("-TOTAL_FORMS", "-INITIAL_FORMS")
NUMBER_OF_PARTS = re.compile(r"[0-9]{0,3}")


class Desk(admin.AdminSite):
    """The admin site; has_permission requires a session that passed the second factor."""

    site_header = _("Centre desk")
    site_title = _("Centre desk")
    index_title = _("Desk")
    site_url = "/"
    enable_nav_sidebar = False
    # The lookups that the filters of the desk's lists use.
    LOOKUPS = frozenset({"exact", "gte", "isnull", "lt"})

    def has_permission(self, request):
        return super().has_permission(request) and second_factor.is_passed(request)

    def get_urls(self):
        # Django's way from a number to an address tells everyone that of drafts too; the form of pages links itself.
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    def admin_view(self, view, cacheable=False):
        """Refuse what no filter, tick box or form of the desk sends: Django takes all of it, and fails on some."""

        @wraps(view)
        def as_the_desk_sends_it(request, *args, **kwargs):
            lookups = {name.rpartition("__")[2] for name in request.GET if "__" in name}
            if not lookups <= self.LOOKUPS:
                raise DisallowedModelAdminLookup
            require_keys(request.POST.getlist(ACTION_CHECKBOX_NAME), getattr(view, "__self__", None))
            require_numbers_of_parts(request.POST)
            return view(request, *args, **kwargs)

        return super().admin_view(as_the_desk_sends_it, cacheable)

    def app_index(self, request, app_label, extra_context=None):
        """Redirect to the home: it lists everything, and an app is nothing that staff know."""
        return redirect("admin:index")

    def login(self, request, extra_context=None):
        """Redirect to what is missing: the sign-in page, or the set-up of the second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated and not second_factor.is_set_up(request.user):
            return redirect("mfa_activate_totp")
        if request.user.is_authenticated:
            # Signed in before the account got its second factor.
            logout(request)
        return redirect_to_login(request.GET.get("next", settings.LOGIN_REDIRECT_URL))

    def logout(self, request, extra_context=None):
        response = super().logout(request, extra_context)
        # Not for a GET, which any link or picture can make: it is refused, and must sign nobody out.
        if request.method == "POST":
            response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response

    def password_change(self, request, extra_context=None):
        response = super().password_change(request, extra_context)
        if response.status_code == 302:
            second_factor.end_sessions(request, request.user, keep_own=True)
            record(Event.PASSWORD_CHANGED, request.user, actor=request.user)
        return response


def require_numbers_of_parts(data: Mapping[str, str]) -> None:
    """Raise BadRequest unless a form says of each kind of its parts how many there are."""
    if not all(NUMBER_OF_PARTS.fullmatch(data[name]) for name in data if name.endswith(COUNTS)):
        raise BadRequest


def require_keys(ticked: list[str], model_admin) -> None:
    """Raise BadRequest unless each of the `ticked` rows is a key that the list's table can have."""
    if ticked and model_admin:
        key = model_admin.opts.pk
        try:
            for value in ticked:
                key.run_validators(key.to_python(value))
        except ValidationError as error:
            raise BadRequest from error
