"""The desk: Django's own admin with the clinic's face, reached only with a second factor."""

from django.contrib import admin
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
