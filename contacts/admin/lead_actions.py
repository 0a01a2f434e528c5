"""What the forms on the page of a lead do: save it, reply, take a reply back, correct its address or a note."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.admin import gone_page, lead_changes
from contacts.admin.lead_form import AddressForm, LeadForm, NoteForm, ReplyForm
from contacts.admin.lead_page import last_change, list_as_filtered, may_change, number, show
from contacts.inbox import casework, correspondence
from contacts.inbox.casework import StaleVersion, TransitionNotAllowed
from contacts.models import Lead

Status = Lead.Status
# A lead in one of these statuses waits for nothing: return to the list.
DONE = (Status.ANSWERED, Status.CLOSED, Status.SUSPECTED)


def lead_view(request, lead: Lead):
    """GET shows the lead. POST does what its button says, or shows it again with what was typed (422, 409)."""
    now = timezone.now()
    if request.method != "POST":
        return show(request, lead, now=now)
    act = ACTIONS.get(request.POST.get("do", ""), save)
    try:
        return act(request, lead, now=now)
    except Lead.DoesNotExist:  # erased since the page was shown
        return gone_page.of_erased_lead(request, str(lead.pk))


def refused(request, lead: Lead, form, act: Callable, *, now: datetime) -> HttpResponse | None:
    """Call `act` with the data of `form`; return the page with what was typed if that is not possible."""
    if not form.is_valid():
        return show(request, lead, form, now=now, status=422)
    try:
        act(**form.cleaned_data)
    except (StaleVersion, TransitionNotAllowed):
        lead.refresh_from_db()
        return show(request, lead, form.rebased(lead), now=now, status=409, changed_by=last_change(lead))
    return None


def back_to(lead: Lead):
    return redirect("admin:contacts_lead_change", lead.pk)


def save(request, lead: Lead, *, now: datetime):
    form, to = LeadForm(lead, request.POST), request.POST.get("to", "")

    def update(version, note, **_fields):
        done, changes = {"to": to, "wait_until": form.waits_until(), "note": note}, form.changes()
        if not any(done.values()) and not changes:
            messages.info(request, _("Nothing was changed."))
            return
        changed = casework.update_lead(lead.pk, version=version, actor=request.user, now=now, **done, **changes)
        lead_changes.say(request, lead_changes.describe(changed, changes=changes, **done), [changed])

    if response := refused(request, lead, form, update, now=now):
        return response
    is_done = to in DONE or form.waits_until()
    return redirect(list_as_filtered(request) if is_done else request.get_full_path())


def reply(request, lead: Lead, *, now: datetime):
    def send(version, text, also):
        others = [other.pk for other in also]
        correspondence.send_reply(lead.pk, version=version, text=text, also=others, actor=request.user, now=now)

    return refused(request, lead, ReplyForm(lead, request.POST), send, now=now) or back_to(lead)


def take_back(request, lead: Lead, *, now: datetime):
    try:
        text = correspondence.take_back(lead.pk, number(request.POST.get("reply", "")), actor=request.user, now=now)
    except correspondence.TooLate:
        messages.warning(request, _("Too late: the reply has left."))
        return back_to(lead)
    messages.success(request, _("Nothing was sent: your text is in the box again."))
    lead.refresh_from_db()
    return show(request, lead, ReplyForm(lead, text=text), now=now)


def mark_refused(request, lead: Lead, *, now: datetime):
    correspondence.mark_refused(lead, actor=request.user, now=now)
    messages.success(request, _("%(reference)s: the address is marked as refused.") % {"reference": lead.reference})
    return back_to(lead)


def correct_address(request, lead: Lead, *, now: datetime):
    def correct(version, email):
        correspondence.correct_address(lead.pk, version=version, email=email, actor=request.user, now=now)

    if response := refused(request, lead, AddressForm(lead, request.POST), correct, now=now):
        return response
    messages.success(request, _("The address is corrected, and our email is sent to it again."))
    return back_to(lead)


def change_note(request, lead: Lead, *, now: datetime):
    """Correct or remove a note: its author may, and an owner of the desk."""
    note = lead.notes.filter(email=None, pk=number(request.POST.get("number", ""))).first()
    if note is None:  # a colleague has removed it
        typed = LeadForm(lead, note=request.POST.get("text", ""))
        return show(request, lead, typed, now=now, status=409, changed_by=last_change(lead))
    if not may_change(request.user, note):
        raise PermissionDenied
    is_removed = request.POST["do"] == "remove_note"

    def change(version, text):
        casework.change_note(note, version=version, text="" if is_removed else text, actor=request.user, now=now)

    form = NoteForm(lead, note, request.POST)
    form.fields["text"].required = not is_removed
    if response := refused(request, lead, form, change, now=now):
        return response
    messages.success(request, _("The note is removed.") if is_removed else _("The note is corrected."))
    return back_to(lead)


ACTIONS = {
    "reply": reply,
    "take_back": take_back,
    "mark_refused": mark_refused,
    "correct_address": correct_address,
    "correct_note": change_note,
    "remove_note": change_note,
}
