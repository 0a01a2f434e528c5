"""The page of a lead that is no more: whether it was withdrawn, erased or expired, when and by whom."""

from uuid import UUID

from django.contrib import admin
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from contacts import references
from contacts.models import AccessEntry, Lead
from contacts.privacy import access_log

Action = AccessEntry.Action


def erasure_of(reference: str) -> AccessEntry | None:
    """Return the newest entry that says that the lead with this reference was erased."""
    return access_log.erasures().filter(reference=references.normalise(reference) or "-").first()


def of_erased_lead(request, object_id: str):
    """Return the page of the erased lead with this id; raise Http404 if none is known."""
    try:
        entry = access_log.erasures().filter(erased_lead=access_log.erased_lead_digest(UUID(object_id))).first()
    except ValueError:
        entry = None
    if entry is None:
        raise Http404
    return gone_page(request, entry)


def gone_page(request, entry: AccessEntry):
    """Show what happened to the lead, with the note that was typed in a page opened before."""
    context = admin.site.each_context(request) | {
        "title": _("%(reference)s is no more") % {"reference": entry.reference},
        "opts": Lead._meta,
        "entry": entry,
        "is_expired": entry.action == Action.EXPIRED,
        "is_withdrawn": entry.action == Action.WITHDRAWN,
        "note": request.POST.get("note") or request.POST.get("text", ""),
    }
    return TemplateResponse(request, "admin/contacts/lead/gone.html", context, status=404)
