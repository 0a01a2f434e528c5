"""What the desk's templates show of leads."""

from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.facts import facts
from contacts import clocks
from contacts.inbox import reports
from contacts.inbox.working_time import HOURS_TO_ANSWER, WorkingTime, in_words
from contacts.mail import outbox
from contacts.models import Lead

register = template.Library()
Status = Lead.Status
BUTTONS = {
    Status.IN_PROGRESS: _("I'll take it"),
    Status.ANSWERED: _("Mark answered"),
    Status.CLOSED: _("Close"),
    Status.NEW: _("Give it back"),
    Status.SUSPECTED: _("It is spam"),
}


@register.filter
def working(waited: timedelta) -> str:
    return in_words(waited)


@register.filter
def move(to: str, status: str) -> str:
    """Return the words on the button that moves a lead from `status` to `to`."""
    if status == Status.SUSPECTED:
        return str(_("It is not spam"))
    if status in {Status.ANSWERED, Status.CLOSED} and to == Status.IN_PROGRESS:
        return str(_("Open it again"))
    return str(BUTTONS[Status(to)])


@register.inclusion_tag("admin/home/leads.html")
def lead_report():
    """Show who waits for an answer and what stands in the way of mails; for the desk's home."""
    now, profile = timezone.now(), facts.current()
    return {
        "leads": reports.waiting_longest(profile, now=now),
        "open": reports.counted(Lead.objects.open()),
        "most": reports.MOST,
        "late": reports.late_count(profile, now=now),
        "hours": profile.answer_within_hours or HOURS_TO_ANSWER,
        "hours_are_assumed": WorkingTime.of(profile).is_assumed,
        "troubles": reports.undelivered(),
        "unset": outbox.missing_settings(),
        "silence": reports.worker_silence(now=now),
        "going": reports.going_soon_count(now=now),
        "purge_far_off": clocks.purge_far_off(now=now),
    }


@register.inclusion_tag("admin/home/leads_by_week.html")
def leads_by_week():
    rows = [(monday, [count]) for monday, count in reports.leads_by_week(now=timezone.now())]
    return {"rows": rows, "series": [_("Leads")]}
