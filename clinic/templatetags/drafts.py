"""What the desk's home says about drafts."""

from datetime import timedelta

from django import template
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from clinic.models import Revision

register = template.Library()
# The worker publishes within half a minute of the date.
LATE = timedelta(minutes=2)


@register.simple_tag
def waiting_drafts() -> list[tuple[Revision, str, bool]]:
    """Return (draft, address, whether it was not published at its date), those with a date first."""
    drafts = Revision.objects.filter(action=Revision.Action.DRAFT).select_related("author")
    late = timezone.now() - LATE
    return [
        (
            draft,
            reverse(f"admin:{draft.model.replace('.', '_')}_draft", args=[draft.key]),
            draft.publish_at is not None and draft.publish_at < late,
        )
        for draft in drafts.order_by(F("publish_at").asc(nulls_last=True), "pk")
    ]
