"""Where editors keep the clinic's facts, opening hours and closures."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline

from clinic.facts import facts
from clinic.models import ClinicProfile, Closure, ContentVersion, OpeningHours


class OpeningHoursInline(admin.StackedInline):
    model = OpeningHours
    extra = 0


class ClosureInline(TranslationStackedInline):
    model = Closure
    extra = 0


@admin.register(ClinicProfile)
class ClinicProfileAdmin(TranslationAdmin):
    inlines = [OpeningHoursInline, ClosureInline]

    def changelist_view(self, request, extra_context=None):
        """There is one row: open it instead of a list of one."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if ClinicProfile.objects.exists():
            return redirect("admin:clinic_clinicprofile_change", 1)
        return redirect("admin:clinic_clinicprofile_add")

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
