"""The search of the desk: a reference, a name or part of an address, sent by POST and kept nowhere."""

from uuid import UUID

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.facts import facts
from contacts import references
from contacts.admin import gone_page, lead_list
from contacts.inbox import reports, search
from contacts.models import AccessEntry, Lead
from contacts.privacy import access_log

FOUND = "found"
MIN_LENGTH = 2


def urls(site):
    return [path("search/", site.admin_view(search_page), name="lead_search")]


@permission_required("contacts.view_lead", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request):
    """POST searches and redirects to GET, which shows what was found: Back works, and the words are in no address."""
    text = request.POST.get("text", "").strip()
    if request.method == "POST" and (reference := references.normalise(text)):
        if pk := Lead.objects.filter(reference=reference).values_list("pk", flat=True).first():
            return redirect("admin:contacts_lead_change", pk)
        if gone_page.erasure_of(reference):
            return redirect(reverse("admin:contacts_lead_changelist") + f"?q={reference}")
    if request.method == "POST":
        return find(request, text)
    return show(request)


def find(request, text: str):
    """Search, log the search and keep the ids of what was found in the session."""
    if len(text) < MIN_LENGTH:
        request.session.pop(FOUND, None)
        return redirect("admin:lead_search")
    found = search.search(text)
    shown = Lead.objects.filter(pk__in=found.leads).values_list("reference", flat=True)
    access_log.record(AccessEntry.Action.SEARCHED, list(shown) or [""], actor=request.user, now=timezone.now())
    if len(found.leads) == 1:
        return redirect("admin:contacts_lead_change", found.leads[0])
    request.session[FOUND] = {"leads": [str(pk) for pk in found.leads], "is_partial": found.is_partial}
    return redirect("admin:lead_search")


def show(request):
    found = request.session.get(FOUND)
    ids = [UUID(pk) for pk in found["leads"]] if found else []
    found_leads = lead_list.loaded(Lead.objects.all()).in_bulk(ids)
    leads, columns = [found_leads[pk] for pk in ids if pk in found_leads], lead_list.columns()
    reports.set_waiting(leads, facts.current(), now=timezone.now())
    context = admin.site.each_context(request) | {
        "title": _("Search the leads"),
        "opts": Lead._meta,
        "was_searched": found is not None,
        "leads": leads,
        "columns": [(column.__name__, column.short_description) for column in columns],
        "rows": [(lead, [(column.__name__, column(lead) or "") for column in columns]) for lead in leads],
        "is_partial": bool(found and found["is_partial"]),
        "max_read": search.MAX_READ,
        "max_found": search.MAX_FOUND,
    }
    return TemplateResponse(request, "admin/contacts/lead/search.html", context)
