"""Filters and reports about leads for the templates of the desk."""

from django import template
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.facts import facts
from contacts import clocks
from contacts.inbox import reports
from contacts.inbox.working_time import WorkingTime
from contacts.mail import outbox
from contacts.models import Lead

register = template.Library()
Status = Lead.Status
# What contacts.mail.outbox stores: collected here for the catalogue.
REFUSED_BY_SERVER = _("refused by the mail server")
BUTTONS = {
    Status.IN_PROGRESS: _("I'll take it"),
    Status.ANSWERED: _("Mark answered"),
    Status.CLOSED: _("Close"),
    Status.NEW: _("Give it back"),
    Status.SUSPECTED: _("It is spam"),
}


@register.filter
def reason(last_error: str) -> str:
    """Return why an email was not sent, in words and with the code of the mail server."""
    words, colon, code = last_error.partition(": ")
    return f"{gettext(words)}{colon}{code}"


@register.filter
def transition(to: str, status: str) -> str:
    """Return the label of the button that changes the status of a lead from `status` to `to`."""
    if status == Status.SUSPECTED:
        return str(_("It is not spam"))
    if status in {Status.ANSWERED, Status.CLOSED} and to == Status.IN_PROGRESS:
        return str(_("Open it again"))
    return str(BUTTONS[Status(to)])


@register.simple_tag
def suspected_count() -> int:
    return reports.counted(Lead.objects.filter(status=Status.SUSPECTED))


@register.inclusion_tag("admin/home/leads.html", takes_context=True)
def lead_report(context):
    """Render the waiting leads, undelivered emails and erasures to come on the home of the desk."""
    now, profile = timezone.now(), facts.current()
    return {
        "leads": reports.waiting_longest(profile, now=now),
        "open": reports.counted(Lead.objects.open()),
        "max_count": reports.MAX_COUNT,
        "late": reports.late_count(profile, now=now),
        "promise": reports.promise(profile),
        "views": reports.views(context["request"].user, profile, now=now),
        "hours_are_assumed": WorkingTime.of(profile).is_assumed,
        "suspected": reports.suspected(),
        "refused": reports.refused_addresses(),
        "undelivered": reports.undelivered(),
        "missing_settings": outbox.missing_settings(),
        "silence": reports.worker_silence(now=now),
        "expiring": reports.expiring_count(now=now),
        "purge_far_off": clocks.purge_far_off(now=now),
    }


@register.inclusion_tag("admin/home/leads_by_week.html")
def leads_by_week():
    rows = [(monday, [count]) for monday, count in reports.leads_by_week(now=timezone.now())]
    return {"rows": rows, "series": [_("Leads")]}
