"""What the desk's templates show of leads."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext_lazy as _

from contacts.models import Lead
from contacts.working_time import in_words

register = template.Library()
Status = Lead.Status
BUTTONS = {
    Status.IN_PROGRESS: _("I take care of it"),
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
        return _("It is not spam")
    if status in {Status.ANSWERED, Status.CLOSED} and to == Status.IN_PROGRESS:
        return _("Open it again")
    return BUTTONS[Status(to)]
