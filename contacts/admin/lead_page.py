"""The page of one lead: what the patient wrote, its history, and the form to edit it."""

from datetime import date, datetime, timedelta

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.facts import facts
from contacts.admin import gone_page, lead_changes
from contacts.admin.lead_form import LeadForm
from contacts.inbox import casework, replies, reports
from contacts.inbox.casework import StaleVersion, TransitionNotAllowed
from contacts.inbox.working_time import WorkingTime
from contacts.intake import spam
from contacts.models import AccessEntry, Lead
from contacts.privacy import access_log, retention, subject_access

Action, Status = AccessEntry.Action, Lead.Status
VIEWS = (Action.OPENED, Action.SEARCHED, Action.EXPORTED)
# A view within this time after the last one is not recorded again.
ONE_VIEW = timedelta(minutes=10)
# A lead in one of these statuses waits for nothing: return to the list.
DONE = (Status.ANSWERED, Status.CLOSED, Status.SUSPECTED)


def lead_page(request, lead: Lead):
    """GET shows the lead. POST saves it, or shows it again with what was typed and the errors (422, 409)."""
    now = timezone.now()
    if request.method != "POST":
        return show(request, lead, LeadForm(lead), now=now)
    try:
        return save(request, lead, now=now)
    except Lead.DoesNotExist:  # erased since the page was shown
        return gone_page.of_erased_lead(request, str(lead.pk))


def save(request, lead: Lead, *, now: datetime):
    form, to = LeadForm(lead, request.POST), request.POST.get("to", "")
    if not form.is_valid():
        return show(request, lead, form, now=now, status=422)
    data, changes = form.cleaned_data, form.changes()
    done = {"to": to, "wait_until": form.waits_until(), "note": data["note"]}
    if not any(done.values()) and not changes:
        messages.info(request, _("Nothing was changed."))
        return redirect(request.get_full_path())
    try:
        lead = casework.update_lead(lead.pk, version=data["version"], actor=request.user, now=now, **done, **changes)
    except (StaleVersion, TransitionNotAllowed):
        lead.refresh_from_db()
        return show(request, lead, form.rebased(lead), now=now, status=409, changed_by=last_change(lead))
    lead_changes.say(request, lead_changes.describe(lead, changes=changes, **done), [lead])
    return redirect(list_as_filtered(request) if to in DONE or done["wait_until"] else request.get_full_path())


def list_as_filtered(request) -> str:
    """Return the address of the list from which the lead was opened, with the filter it had."""
    filters = request.GET.get("_changelist_filters", "")
    return reverse("admin:contacts_lead_changelist") + (f"?{filters}" if filters else "")


def record_view(user, lead: Lead, *, now: datetime) -> None:
    """Record that `user` opened the lead, once within ONE_VIEW."""
    views = AccessEntry.objects.filter(action=Action.OPENED, actor=user, reference=lead.reference)
    if not views.filter(at__gt=now - ONE_VIEW).exists():
        access_log.record(Action.OPENED, [lead.reference], actor=user, now=now)


def last_change(lead: Lead) -> AccessEntry | None:
    return entries(lead).exclude(action__in=VIEWS).first()


def entries(lead: Lead):
    return access_log.of(lead).select_related("actor")


def show(request, lead: Lead, form: LeadForm, *, now: datetime, status=200, **extra):
    record_view(request.user, lead, now=now)
    profile = facts.current()
    reports.set_waiting([lead], profile, now=now)
    context = admin.site.each_context(request) | {
        "title": lead.reference,
        "opts": Lead._meta,
        "lead": lead,
        "form": form,
        "list": list_as_filtered(request),
        "suspicion": suspicion(lead),
        "looking": looking(lead, request.user, now=now),
        "transitions": casework.transitions(lead, now=now),
        "wait_days": wait_days(lead, profile, today=timezone.localdate(now)),
        "answers": subject_access.answers(lead),
        "replies": replies.for_lead(lead, profile),
        "erased_on": retention.erased_on(lead),
        "timeline": timeline(lead),
        "views": entries(lead).filter(action__in=VIEWS)[:50],
        "mails": lead.emails.order_by("kind"),
        "others": Lead.objects.filter(email_digest=lead.email_digest).exclude(pk=lead.pk).order_by("-created_at")[:20],
    }
    return TemplateResponse(request, "admin/contacts/lead/lead.html", context | extra, status=status)


def looking(lead: Lead, user, *, now: datetime) -> list[str]:
    """Return the colleagues who opened the lead within ONE_VIEW and have done nothing with it since."""
    recent = entries(lead).filter(at__gt=now - ONE_VIEW, actor__isnull=False).exclude(actor=user)
    last = {entry.actor.get_username(): entry.action for entry in reversed(recent)}
    return [name for name, action in last.items() if action == Action.OPENED]


def wait_days(lead: Lead, profile, *, today: date) -> list[date]:
    """Return the days offered to wait for the patient: the working day in three days' time, and in a week's."""
    if lead.status == Status.SUSPECTED:
        return []
    opening = WorkingTime.of(profile).first_opening
    return sorted({timezone.localdate(opening(today + timedelta(days=days))) for days in (3, 7)})


def suspicion(lead: Lead) -> str:
    """Return why the lead is suspected spam, "" if it is not."""
    if lead.status != Status.SUSPECTED:
        return ""
    if last := entries(lead).filter(action=Action.SPAM).first():
        return _("marked as spam by %(name)s") % {"name": last.actor.get_username() if last.actor else "-"}
    found = spam.signs(name=lead.name, message=lead.message)
    # It is not stored, and the only sign that the text does not show.
    return ", ".join(found) or _("a field that people do not see was filled in")


def timeline(lead: Lead) -> list[dict]:
    """Return the history of the lead, oldest first: arrival, changes, notes."""
    changes = [
        {"at": entry.at, "who": entry.actor, "what": entry.get_action_display()}
        for entry in entries(lead).exclude(action__in=(*VIEWS, Action.NOTED))
    ]
    notes = [
        {"at": note.created_at, "who": note.author, "what": _("note"), "note": note.text}
        for note in lead.notes.select_related("author")
    ]
    arrival = {"at": lead.created_at, "who": None, "what": _("arrived")}
    return [arrival, *sorted([*changes, *notes], key=lambda line: line["at"])]
