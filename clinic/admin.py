"""The desk: Django's own admin with the clinic's face, and the clinic's facts in it."""

from django.contrib import admin
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationTabularInline
from two_factor.admin import AdminSiteOTPRequiredMixin
from two_factor.utils import default_device

from clinic.facts import facts
from clinic.models import ClinicProfile, Closure, ContentVersion, OpeningHours


class Desk(AdminSiteOTPRequiredMixin, admin.AdminSite):
    """The staff's side: reached only with a second factor."""

    site_header = _("Centre desk")
    site_title = _("Centre desk")
    index_title = _("Desk")
    site_url = "/"
    enable_nav_sidebar = False

    def login(self, request, extra_context=None):
        """Lead staff without a second factor to its set-up, everyone else to the sign-in page."""
        if request.user.is_authenticated and default_device(request.user) is None:
            return redirect("two_factor:setup")
        return super().login(request, extra_context)

    def logout(self, request, extra_context=None):
        response = super().logout(request, extra_context)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


class OpeningHoursInline(admin.TabularInline):
    model = OpeningHours
    extra = 0


class ClosureInline(TranslationTabularInline):
    model = Closure
    extra = 0


@admin.register(ClinicProfile)
class ClinicProfileAdmin(TranslationAdmin):
    inlines = [OpeningHoursInline, ClosureInline]

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not ClinicProfile.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.pk = 1
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        ContentVersion.bump()
        facts.forget()
