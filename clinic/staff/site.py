"""The desk: Django's own admin with the clinic's face, reached only with a second factor."""

from functools import wraps

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from two_factor.admin import AdminSiteOTPRequiredMixin
from two_factor.utils import default_device


class Desk(AdminSiteOTPRequiredMixin, admin.AdminSite):
    """Every page of it asks has_permission: staff, and signed in with a phone."""

    site_header = _("Centre desk")
    site_title = _("Centre desk")
    index_title = _("Desk")
    site_url = "/"
    enable_nav_sidebar = False
    # What the filters of the desk's lists ask of a column.
    LOOKUPS = frozenset({"exact", "gte", "isnull", "lt"})

    def get_urls(self):
        # Django's way from a number to an address tells everyone that of drafts too; the form of pages links itself.
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    def admin_view(self, view, cacheable=False):
        """Refuse what no filter asks: Django takes any lookup from an address, like a year that no calendar knows."""

        @wraps(view)
        def asked_like_a_filter(request, *args, **kwargs):
            lookups = {name.rpartition("__")[2] for name in request.GET if "__" in name}
            if not lookups <= self.LOOKUPS:
                raise DisallowedModelAdminLookup
            return view(request, *args, **kwargs)

        return super().admin_view(asked_like_a_filter, cacheable)

    def login(self, request, extra_context=None):
        """Lead staff without a second factor to its set-up, strangers to the sign-in page."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated and default_device(request.user) is None:
            return redirect("two_factor:setup")
        return super().login(request, extra_context)

    def logout(self, request, extra_context=None):
        response = super().logout(request, extra_context)
        # Not for a GET, which any link or picture can make: it is refused, and must sign nobody out.
        if request.method == "POST":
            response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response
