"""The clinic's facts by steps, the people of the centre and the sign-offs in the admin."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import DateInput
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override
from modeltranslation.admin import TranslationStackedInline

from clinic.editing.content_admin import ContentAdmin
from clinic.editing.week import COPY_MONDAY, OpeningHoursInline
from clinic.facts import read
from clinic.models import ClinicProfile, Closure, ContentVersion, Professional, SignOff


class ClosureInline(TranslationStackedInline):
    model = Closure
    extra = 0
    formfield_overrides = {models.DateField: {"widget": DateInput({"type": "date"}, "%Y-%m-%d")}}


@admin.register(ClinicProfile)
class ClinicProfileAdmin(ContentAdmin):
    """The facts, a step at a time (?step=hours), beside what the site shows of them."""

    inlines = [OpeningHoursInline, ClosureInline]
    change_form_template = "admin/clinic/facts.html"
    # The parts of public pages that show the facts of a step.
    SHOWN_BY = {
        "find": ["clinic/_address.html", "clinic/_where.html"],
        "hours": ["clinic/_hours.html"],
        "law": ["clinic/_identity.html"],
        "privacy": ["contacts/_controller.html", "contacts/_processors.html"],
        "promise": ["contacts/_what_next.html"],
    }

    class Media:
        css = {"all": ["css/page-form.css"]}

    @staticmethod
    def step(request) -> str:
        return request.GET["step"] if request.GET.get("step") in ClinicProfile.STEPS else "find"

    def steps_in_form(self, request) -> list[str]:
        """Return one step; a draft, which is published whole, shows them all."""
        return list(ClinicProfile.STEPS) if getattr(request, "draft", None) else [self.step(request)]

    def get_fieldsets(self, request, obj=None):
        """Leave what the lists of leads show to those who answer for them."""
        hidden = set() if request.user.has_perm("contacts.erase_person") else {"names_in_lists"}
        steps = (ClinicProfile.STEPS[step] for step in self.steps_in_form(request))
        fields = ((label, [name for name in names.split() if name not in hidden]) for label, names in steps)
        return [
            (label, {"fields": self.replace_orig_field(names), "classes": ["languages"]})
            for label, names in fields
            if names
        ]

    def get_inlines(self, request, obj):
        return self.inlines if "hours" in self.steps_in_form(request) else []

    def render_change_form(self, request, context, *args, **kwargs):
        """Add the steps and what patients read of this one."""
        clinic, step = read(), self.step(request)
        if COPY_MONDAY in request.POST:
            context["errors"] = None  # not a mistake: the week says what was done
        shown = [(language, self.shown(request, clinic, language)) for language, _name in settings.LANGUAGES]
        steps = clinic.steps()
        context |= {"step": step, "steps": steps, "is_last": step == steps[-1].key, "shown": shown}
        context |= {"title": capfirst(self.opts.verbose_name), "subtitle": ClinicProfile.STEPS[step][0]}
        return super().render_change_form(request, context, *args, **kwargs)

    def shown(self, request, clinic, language) -> str:
        """Return what the site shows of the step in `language`; "" if it shows no words."""
        with override(language):
            context = {"clinic": clinic, "level": 4, "parts": self.SHOWN_BY[self.step(request)]}
            html = render_to_string("admin/clinic/shown.html", context, request)
        return html if strip_tags(html).strip() else ""

    def response_change(self, request, obj):
        """Stay on the step, where what patients read now stands beside it, or go on to the next."""
        if response := self.unsaved(request, obj):
            return response
        self.message_user(request, _("Saved: the site shows it now."), messages.SUCCESS)
        steps = list(ClinicProfile.STEPS)
        after = steps.index(self.step(request)) + ("_next" in request.POST)
        return self.at_step(steps[min(after, len(steps) - 1)])

    def response_add(self, request, obj, post_url_continue=None):
        return self.response_change(request, obj)

    def changelist_view(self, request, extra_context=None):
        """Redirect to the only row instead of listing it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return self.at_step(self.step(request))

    @staticmethod
    def at_step(step):
        """Redirect to a step of the only row, which exists from the first time that anyone opens it."""
        ClinicProfile.objects.get_or_create(pk=1)
        return redirect(f"{reverse('admin:clinic_clinicprofile_change', args=[1])}?step={step}")

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
