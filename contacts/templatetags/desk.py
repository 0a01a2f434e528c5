"""Filters and reports about leads for the templates of the desk."""

from django import template
from django.urls import reverse
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


register.filter(reports.first_words)


@register.filter
def reason(last_error: str) -> str:
    """Return why an email was not sent, in words and with the code of the mail server."""
    words, colon, code = last_error.partition(": ")
    return f"{gettext(words)}{colon}{code}"


@register.filter
def transition(to: str, status: str) -> str:
    """Return the label of the button that changes the status of a lead from `status` to `to`."""
    if status == Status.SUSPECTED and to == Status.NEW:
        return str(_("It is not spam"))
    if status in {Status.ANSWERED, Status.CLOSED} and to == Status.IN_PROGRESS:
        return str(_("Open it again"))
    if to == status == Status.IN_PROGRESS:
        return str(_("It is our turn"))
    return str(BUTTONS[Status(to)])


@register.simple_tag(takes_context=True)
def lead_views(context) -> list[dict]:
    """Return the views of the inbox that are not empty, with their counts, and which of them is shown."""
    request = context["request"]
    shown = request.GET.get("status") if request.path == reverse("admin:contacts_lead_changelist") else None
    return [
        {"name": name, "label": label, "count": f"{count}+" if count == reports.MAX_COUNT else count}
        | {"is_shown": name == shown}
        for name, label, count in reports.views(request.user, facts.current(), now=timezone.now())
    ]


@register.inclusion_tag("admin/home/leads.html", takes_context=True)
def lead_report(context):
    """Render the waiting leads, undelivered emails and erasures to come on the home of the desk."""
    now, profile = timezone.now(), facts.current()
    return {
        "leads": reports.waiting_longest(profile, now=now),
        "names_in_lists": profile.names_in_lists,
        "open": reports.counted(Lead.objects.our_turn(now=now)),
        "max_count": reports.MAX_COUNT,
        "late": reports.late_count(profile, now=now),
        "promise": reports.promise(profile),
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
