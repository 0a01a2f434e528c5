"""The pages for one person: find their leads by address, give a copy, erase; and the leads to be erased next."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.addresses import AddressField
from contacts.models import AccessEntry, Lead
from contacts.privacy import access_log, erasure, retention, subject_access

Action = AccessEntry.Action
# In the session: nothing about a person.
PERSON, RECEIPT = "person", "receipt"


class PersonForm(forms.Form):
    """The address is sent by POST, so that it is in no URL, log or browser history."""

    address = AddressField(
        label=gettext_lazy("Address of the person"),
        max_length=254,
        label_suffix="",
        # Not of type email: a browser would refuse what is pasted before it can be cleaned.
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "inputmode": "email"}),
    )


def urls(site):
    """Return the URL patterns of these pages, under the one of the leads."""
    return [
        path("person/", site.admin_view(find_person), name="person"),
        path("person/copy/", site.admin_view(copy_person), name="person_copy"),
        path("person/erase/", site.admin_view(erase_person), name="person_erase"),
        path("person/erased/", site.admin_view(erased), name="person_erased"),
        path("expiring/", site.admin_view(expiring), name="expiring"),
    ]


def page(request, name: str, title: str, *, status=200, **context):
    context = admin.site.each_context(request) | {"title": title, "opts": Lead._meta} | context
    return TemplateResponse(request, f"admin/contacts/person/{name}.html", context, status=status)


@permission_required("contacts.view_lead", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def find_person(request):
    """GET shows the form; POST looks for the leads of an address, or of the address of the given lead.

    What is found is shown by a GET, so that Back works; the session keeps the id of a lead, never the address.
    """
    found = Lead.objects.filter(pk=request.session.get(PERSON)).first() if "found" in request.GET else None
    if request.method != "POST":
        return show_person(request, found.email) if found else show_form(request, PersonForm())
    if lead := chosen_leads(request).first():
        return search(request, lead.email)
    form = PersonForm(request.POST)
    return search(request, form.cleaned_data["address"]) if form.is_valid() else show_form(request, form, status=422)


def show_form(request, form: PersonForm, **context):
    return page(request, "find", _("One person"), form=form, **context)


def search(request, address: str):
    """Log the search for `address` and show what was found."""
    exact, variants = subject_access.leads_of(address)
    leads, now = exact + variants, timezone.now()
    access_log.record(Action.SEARCHED, [lead.reference for lead in leads] or [""], actor=request.user, now=now)
    if not exact:  # only the form, or variants, for which no lead stands in the session
        return show_person(request, address)
    request.session[PERSON] = str(exact[0].pk)
    return redirect(reverse("admin:person") + "?found")


def show_person(request, address: str, **context):
    """Show the leads of `address` and its variants."""
    exact, variants = subject_access.leads_of(address)
    context |= {
        "form": PersonForm(initial={"address": address}),
        "address": address,
        "groups": [(leads, leads is variants) for leads in (exact, variants) if leads],
        "may_act": request.user.has_perm("contacts.export_lead") or request.user.has_perm("contacts.erase_person"),
        "backups_until": retention.backups_until(now=timezone.now()),
    }
    return page(request, "find", _("One person"), **context)


def nothing_chosen(request):
    """Show the person again with an error."""
    error = _("Nothing was done: tick the leads, and for an erasure also that you are sure.")
    return show_person(request, request.POST.get("address", ""), error=error, status=422)


def chosen_leads(request):
    """Return the ticked leads; one that was erased meanwhile is left out."""
    try:
        return Lead.objects.filter(pk__in=[UUID(text) for text in request.POST.getlist("lead")])
    except ValueError:
        raise BadRequest("Not the id of a lead.") from None


@permission_required("contacts.export_lead", raise_exception=True)
@require_POST
def copy_person(request):
    """Return everything stored with the chosen leads: a page in the person's language, or JSON."""
    now = timezone.now()
    leads = list(chosen_leads(request).select_related("consent").prefetch_related("notes__email", "emails__note"))
    if not leads:
        return nothing_chosen(request)
    access_log.record(Action.EXPORTED, [lead.reference for lead in leads], actor=request.user, now=now)
    copy = subject_access.copy_of_person(leads, now=now)
    if request.POST.get("format") == "json":
        attachment = {"Content-Disposition": f"attachment; filename={leads[0].reference}.json"}
        return JsonResponse(copy, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=attachment)
    with override(leads[0].language):
        notice = settings.SITE_URL + reverse("contacts:privacy")
        return page(request, "copy", _("What we keep about you"), copy=copy, notice=notice).render()


@permission_required("contacts.erase_person", raise_exception=True)
@require_POST
def erase_person(request):
    """Erase the chosen leads, then show the receipt."""
    leads, now = chosen_leads(request), timezone.now()
    if "sure" not in request.POST:
        return nothing_chosen(request)
    # Not checked beforehand: a colleague may be erasing the same leads now.
    receipt = erasure.erase(leads, action=Action.ERASED, actor=request.user, now=now)
    if not receipt.references:
        return nothing_chosen(request)
    request.session[RECEIPT] = asdict(receipt) | {"at": receipt.at.isoformat()}
    return redirect("admin:person_erased")


@permission_required("contacts.erase_person", raise_exception=True)
@require_safe
def erased(request):
    """Show the receipt of the last erasure of this session: references and counts."""
    if not (receipt := request.session.get(RECEIPT)):
        return redirect("admin:person")
    receipt = erasure.Receipt(**receipt | {"at": datetime.fromisoformat(receipt["at"])})
    backups_until = retention.backups_until(now=receipt.at)
    return page(request, "erased", _("Erased"), receipt=receipt, backups_until=backups_until)


@permission_required("contacts.view_lead", raise_exception=True)
@require_safe
def expiring(request):
    """List the leads that will be erased automatically within 14 days."""
    now = timezone.now()
    context = {"leads": retention.expiring_soon(now=now), "days": retention.WARNING_DAYS}
    return page(request, "expiring", _("What is erased next"), **context)
