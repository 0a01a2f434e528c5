"""The clinic's facts, opening hours and closures in the admin."""

from itertools import pairwise

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import BaseInlineFormSet, DateInput, TimeInput
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationStackedInline

from clinic.editing.content_admin import ContentAdmin
from clinic.models import ClinicProfile, Closure, ContentVersion, OpeningHours, Professional, SignOff


class OpeningHoursFormSet(BaseInlineFormSet):
    """Refuse opening hours that overlap: patients would read two closing times, and working time would count twice."""

    def clean(self):
        super().clean()
        forms = [form for form in self.forms if form.has_changed() or form.instance.pk]
        forms = [form for form in forms if form.is_valid() and form not in self.deleted_forms]
        forms.sort(key=lambda form: (form.instance.weekday, form.instance.opens))
        for earlier, later in pairwise(forms):
            if earlier.instance.weekday == later.instance.weekday and earlier.instance.closes > later.instance.opens:
                message = _("This overlaps with %(other)s: change one of the two, or remove it.")
                later.add_error("opens", message % {"other": earlier.instance})


class OpeningHoursInline(admin.StackedInline):
    model, formset = OpeningHours, OpeningHoursFormSet
    extra = 0
    formfield_overrides = {models.TimeField: {"widget": TimeInput({"type": "time"}, "%H:%M")}}


class ClosureInline(TranslationStackedInline):
    model = Closure
    extra = 0
    formfield_overrides = {models.DateField: {"widget": DateInput({"type": "date"}, "%Y-%m-%d")}}


@admin.register(ClinicProfile)
class ClinicProfileAdmin(ContentAdmin):
    inlines = [OpeningHoursInline, ClosureInline]
    fieldsets = [
        (
            gettext_lazy("Finding the centre"),
            {"fields": ["name", "street", "postal_code", "city", "directions", "phone", "email"]},
        ),
        (
            gettext_lazy("What the law asks"),
            {
                "fields": [
                    "legal_name", "certified_email", "vat_number", "company_register", "health_director",
                    "health_authorisation",
                ]
            },
        ),
        (gettext_lazy("Privacy"), {"fields": ["data_protection_officer", "processors"]}),
        (gettext_lazy("The promise to answer"), {"fields": ["answer_within_hours"]}),
        (gettext_lazy("The lists of leads"), {"fields": ["names_in_lists"]}),
    ]  # fmt: skip

    def get_fieldsets(self, request, obj=None):
        """Leave the lists of leads to those who answer for them."""
        may_decide = request.user.has_perm("contacts.erase_person")
        return super().get_fieldsets(request, obj)[: None if may_decide else -1]

    def changelist_view(self, request, extra_context=None):
        """Redirect to the only row instead of listing it."""
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


@admin.register(Professional)
class ProfessionalAdmin(ContentAdmin):
    fields = ["position", "name", "title", "medical_order", "order_number", "languages", "words", "portrait"]
    list_display = ["name", "title", "medical_order", "order_number"]


@admin.register(SignOff)
class SignOffAdmin(admin.ModelAdmin):
    """A sign-off decides what public pages say, so each change bumps the content version."""

    list_display = ["kind", "name", "signed_on"]
    formfield_overrides = {models.DateField: {"widget": DateInput({"type": "date"}, "%Y-%m-%d")}}

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        ContentVersion.bump()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        ContentVersion.bump()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        ContentVersion.bump()
