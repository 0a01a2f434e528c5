"""What staff do with many leads at once: a status for those ticked, another owner for those of a colleague."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from contacts.inbox import casework
from contacts.inbox.casework import StaleVersion, TransitionNotAllowed
from contacts.models import AccessEntry, Lead
from contacts.privacy import access_log

MAX_AT_ONCE = 1000


@dataclass
class ChangedLeads:
    """What became of many leads: those that were changed, how many were not, and whether there are more."""

    leads: list[Lead] = field(default_factory=list)
    unchanged: int = 0
    has_more: bool = False


def change_status_of_all(leads: QuerySet[Lead], to: str, *, actor, now: datetime) -> ChangedLeads:
    """Change the status of up to MAX_AT_ONCE leads, of those that it allows."""
    chosen = list(leads.values_list("pk", "version")[: MAX_AT_ONCE + 1])
    changed = ChangedLeads(has_more=len(chosen) > MAX_AT_ONCE)
    for pk, version in chosen[:MAX_AT_ONCE]:
        try:
            changed.leads.append(casework.update_lead(pk, version=version, actor=actor, now=now, to=to))
        except (StaleVersion, TransitionNotAllowed, Lead.DoesNotExist):
            changed.unchanged += 1
    return changed


def reassign(owner, to, *, actor, now: datetime) -> None:
    """Give every open lead of `owner` to the colleague `to`, or back (None): then it is new again."""
    with transaction.atomic():
        leads = list(Lead.objects.open().filter(owner=owner).select_for_update().only("reference"))
        chosen = Lead.objects.filter(pk__in=[lead.pk for lead in leads])
        if to:
            chosen.update(owner=to, version=F("version") + 1)
            casework.hand_over(leads, to, actor=actor, now=now)
        else:
            chosen.filter(our_turn_since__gt=now).update(our_turn_since=now)
            chosen.update(owner=None, status=Lead.Status.NEW, version=F("version") + 1)
            access_log.record(AccessEntry.Action.GIVEN_BACK, [lead.reference for lead in leads], actor=actor, now=now)
