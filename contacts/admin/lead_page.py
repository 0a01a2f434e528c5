"""The page of one lead: what the patient wrote, what can be done, and its history."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.facts import facts
from clinic.models import ClinicProfile
from contacts.admin.lead_form import AddressForm, LeadForm, NoteForm, ReplyForm
from contacts.inbox import casework, replies, reports
from contacts.inbox.working_time import WorkingTime
from contacts.intake import spam
from contacts.mail import messages
from contacts.models import AccessEntry, Lead, LeadNote, OutboxEmail, SavedReply
from contacts.privacy import access_log, retention, subject_access

Action, Status = AccessEntry.Action, Lead.Status
VIEWS = (Action.OPENED, Action.SEARCHED, Action.EXPORTED)
# The history shows their text instead.
TEXTS = (Action.NOTED, Action.REPLIED)
# A view within this time after the last one is not recorded again.
ONE_VIEW = timedelta(minutes=10)


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
    return access_log.of(lead).select_related("actor", "given_to")


def show(request, lead: Lead, form=None, *, now: datetime, status=200, **extra):
    """Show the lead; `form` is the one of its forms that was filled in, with what was typed and its errors."""
    record_view(request.user, lead, now=now)
    profile = facts.current()
    reports.set_waiting([lead], profile, now=now)
    reply = form if isinstance(form, ReplyForm) else ReplyForm(lead, text=opening_text(request, lead, profile))
    mails = lead.emails.order_by("kind", "pk")
    context = admin.site.each_context(request) | {
        "title": lead.reference,
        "opts": Lead._meta,
        "lead": lead,
        "list": list_as_filtered(request),
        "filled_in": form,
        "form": form if isinstance(form, LeadForm) else LeadForm(lead),
        "reply": reply,
        "is_writing": lead.is_open or reply is form or bool(request.GET.keys() & {"again", "saved"}),
        "address": form if isinstance(form, AddressForm) else AddressForm(lead),
        "suspicion": suspicion(lead),
        "looking": looking(lead, request.user, now=now),
        "transitions": casework.transitions(lead, now=now),
        "wait_days": wait_days(lead, profile, today=timezone.localdate(now)),
        "answers": subject_access.answers(lead),
        "saved_replies": SavedReply.objects.all(),
        "mailto": replies.mailto(lead, reply["text"].value()),
        "max_link": replies.MAX_LINK,
        "reply_to": messages.staff_inboxes()[:1],
        "mail_from": settings.DEFAULT_FROM_EMAIL,
        "is_mail_set_up": bool(settings.EMAIL_URL),
        "erased_on": retention.erased_on(lead),
        "timeline": timeline(lead, request.user, form),
        "views": entries(lead).filter(action__in=VIEWS)[:50],
        "mails": mails.filter(note=None),
        "pending": mails.filter(kind=OutboxEmail.Kind.REPLY, sent_at=None, claimed_until=None, attempts=0),
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


def opening_text(request, lead: Lead, profile: ClinicProfile) -> str:
    """Return the text that the reply opens with: a reply written before (?again), the saved one chosen, the first."""
    if note := lead.notes.filter(pk=number(request.GET.get("again", "")), email__isnull=False).first():
        return note.text
    saved = SavedReply.objects.all()
    if "saved" in request.GET:
        saved = saved.filter(pk=number(request.GET["saved"]))
    return replies.text_for(lead, saved.first(), profile)


def number(text: str) -> int:
    """Return the key that `text` is, or 0, which no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def suspicion(lead: Lead) -> str:
    """Return why the lead is suspected spam, "" if it is not."""
    if lead.status != Status.SUSPECTED:
        return ""
    if last := entries(lead).filter(action=Action.SPAM).first():
        return _("marked as spam by %(name)s") % {"name": last.actor.get_username() if last.actor else "-"}
    found = spam.signs(name=lead.name, message=lead.message)
    # It is not stored, and the only sign that the text does not show.
    return ", ".join(found) or _("a field that people do not see was filled in")


def timeline(lead: Lead, user, filled_in=None) -> list[dict]:
    """Return the history of the lead, oldest first: arrival, changes, notes with their forms, replies."""
    notes = [
        {
            "at": note.created_at,
            "who": note.author,
            "what": _("reply") if note.is_reply else _("note"),
            "note": note,
            "mail": note.email if note.is_reply else None,
            "form": note_form(lead, note, filled_in) if may_change(user, note) else None,
        }
        for note in lead.notes.select_related("author", "email")
    ]
    # A reply says that the lead was answered.
    replied = {line["at"] for line in notes if line["mail"]}
    changes = [
        {"at": entry.at, "who": entry.actor, "what": in_words(entry)}
        for entry in entries(lead).exclude(action__in=(*VIEWS, *TEXTS))
        if not (entry.action == Action.ANSWERED and entry.at in replied)
    ]
    arrival = {"at": lead.created_at, "who": None, "what": _("arrived")}
    return [arrival, *sorted([*changes, *notes], key=lambda line: line["at"])]


def note_form(lead: Lead, note: LeadNote, filled_in) -> NoteForm:
    is_this = isinstance(filled_in, NoteForm) and filled_in.note == note
    return filled_in if is_this else NoteForm(lead, note)


def in_words(entry: AccessEntry) -> str:
    if entry.given_to:
        return _("given to %(name)s") % {"name": entry.given_to.get_username()}
    if entry.answered_with:
        return _("answered with the reply to %(reference)s") % {"reference": entry.answered_with}
    return entry.get_action_display()


def may_change(user, note: LeadNote) -> bool:
    """Return whether `user` may correct or remove `note`: their own, or any as an owner of the desk; never a reply."""
    return not note.is_reply and (note.author_id == user.pk or user.has_perm("contacts.erase_person"))
