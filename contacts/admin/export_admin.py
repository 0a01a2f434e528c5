"""The page on which the owner exports leads: a period and columns."""

from datetime import date, timedelta

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.inbox import exports
from contacts.models import AccessEntry, Lead
from contacts.privacy import access_log, retention


class DayField(forms.DateField):
    """A day on which a lead may have been received."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(timezone.localdate)]


class ExportForm(forms.Form):
    first = DayField(label=gettext_lazy("Received from"))
    last = DayField(label=gettext_lazy("to"))
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"), choices=exports.COLUMNS.items(), widget=forms.CheckboxSelectMultiple
    )

    def clean(self):
        data = super().clean()
        if not {"first", "last"} <= data.keys():
            return data
        if data["first"] > data["last"]:
            raise forms.ValidationError(_("The first day is after the last."))
        if self.leads().order_by()[: exports.MAX_LEADS + 1].count() > exports.MAX_LEADS:
            raise forms.ValidationError(
                _("More than %(limit)d leads: choose a shorter period."), params={"limit": exports.MAX_LEADS}
            )
        return data

    def leads(self):
        """Return the leads of the period, both days included."""
        starts = retention.midnight(self.cleaned_data["first"])
        ends = retention.midnight(self.cleaned_data["last"] + timedelta(days=1))
        period = Lead.objects.filter(created_at__gte=starts, created_at__lt=ends)
        return period.exclude(status=Lead.Status.SUSPECTED).select_related("owner").order_by("created_at", "pk")


def urls(site):
    return [path("export/", site.admin_view(export), name="lead_export")]


@permission_required("contacts.export_lead", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request):
    """GET shows the form; POST returns the table and logs every lead in it."""
    now = timezone.now()
    today = timezone.localdate(now)
    initial = {
        "first": today - timedelta(days=30),
        "last": today,
        "columns": [name for name in exports.COLUMNS if name not in exports.PERSONAL],
    }
    form = ExportForm(request.POST if request.method == "POST" else None, initial=initial, label_suffix="")
    if form.is_valid():
        return download(request, form, now=now)
    context = admin.site.each_context(request) | {"title": _("Leads as a table"), "form": form}
    return TemplateResponse(request, "admin/contacts/lead/export.html", context, status=422 if form.errors else 200)


def download(request, form, *, now):
    leads = list(form.leads())
    access_log.record(AccessEntry.Action.EXPORTED, [lead.reference for lead in leads], actor=request.user, now=now)
    # Excel splits at the list separator of its region.
    delimiter = ";" if get_language() == "it" else ","
    content = b"".join(exports.table(leads, form.cleaned_data["columns"], delimiter=delimiter))
    name = f"leads-{form.cleaned_data['first']}-{form.cleaned_data['last']}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
