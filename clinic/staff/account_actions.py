"""What an owner does to an account, each after a page that asks again: invite, reset, deactivate, activate."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.functional import Promise
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from clinic.staff import second_factor
from clinic.staff.record import Event, record
from contacts.inbox import many_leads
from contacts.models import Lead

log = logging.getLogger(__name__)


class ConfirmForm(forms.Form):
    def __init__(self, user, data=None):
        super().__init__(data, label_suffix="")


class DeactivateForm(ConfirmForm):
    leads_to: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Who takes over the open leads"), queryset=None, required=False, empty_label=_("nobody yet")
    )

    def __init__(self, user, data=None):
        super().__init__(user, data)
        colleagues = User.objects.with_perm("contacts.change_lead").exclude(pk=user.pk).order_by("username")
        self.fields["leads_to"].queryset = colleagues  # type: ignore[attr-defined]
        open_leads = Lead.objects.open().filter(owner=user).count()
        self.fields["leads_to"].help_text = _("Open leads of this account: %(count)d") % {"count": open_leads}
        if not open_leads:
            del self.fields["leads_to"]


def invite(request, user):
    """Return the link, and whether it was mailed. Links made earlier hold too, until one of them is used."""
    token = default_token_generator.make_token(user)
    link = settings.SITE_URL + reverse("invitation", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])
    record(Event.INVITED, user, actor=request.user)
    return {"link": link, "is_mailed": mail(user, link)}


def mail(user, link) -> bool:
    if not (settings.EMAIL_URL and user.email):
        return False
    with override(settings.LANGUAGE_CODE):
        subject = render_to_string("emails/invitation-subject.txt").strip()
        body = render_to_string("emails/invitation-body.txt", {"link": link, "name": user.get_username()})
    try:
        EmailMessage(subject, body, to=[user.email], headers={"Auto-Submitted": "auto-generated"}).send()
    except OSError as error:
        log.warning("invitation not mailed", extra={"error": type(error).__name__})
        return False
    return True


def reset_second_factor(request, user):
    with second_factor.account_lock(user):
        second_factor.reset(user)
        # An open session could set up the next one without a password.
        second_factor.end_sessions(request, user)
        record(Event.FACTOR_RESET, user, actor=request.user)


@transaction.atomic
def deactivate(request, user, leads_to=None):
    User.objects.filter(pk=user.pk).update(is_active=False)
    # An account that is activated again must not find them.
    second_factor.end_sessions(request, user)
    many_leads.reassign(user, leads_to, actor=request.user, now=timezone.now())
    record(Event.DEACTIVATED, user, actor=request.user)


@transaction.atomic
def activate(request, user):
    User.objects.filter(pk=user.pk).update(is_active=True)
    record(Event.ACTIVATED, user, actor=request.user)


@dataclass(frozen=True)
class AccountAction:
    """One of them: its words, to which accounts it fits, and what it does (`do` returns more for its page, or None)."""

    title: str | Promise
    explanation: str | Promise
    done: str | Promise
    do: Callable[..., dict | None]
    fits: Callable[[User, HttpRequest], bool]
    form: type[ConfirmForm] = ConfirmForm


ACTIONS = {
    "invite": AccountAction(
        title=_("Make an invitation link"),
        explanation=_(
            "With the link the colleague chooses a password (a new one, if there is one already) and then connects the "
            "phone. It works once and for three days. Hand it over yourself, to nobody else."
        ),
        done=_("Invitation link made for %(name)s."),
        do=invite,
        fits=lambda user, request: user.is_active,
    ),
    "reset_second_factor": AccountAction(
        title=_("Reset the second factor"),
        explanation=_(
            "For a phone that is lost or replaced: phone, passkeys and recovery codes stop working and the account is "
            "signed out everywhere. The next sign-in with the password connects a new phone, so first make sure, face "
            "to face, who is asking."
        ),
        done=_("The second factor of %(name)s is reset: the next sign-in with the password connects a phone."),
        do=reset_second_factor,
        fits=lambda user, request: second_factor.is_set_up(user),
    ),
    "deactivate": AccountAction(
        title=_("Deactivate the account"),
        explanation=_("The account is signed out everywhere and cannot sign in. What it did stays readable."),
        done=_("%(name)s is inactive now."),
        do=deactivate,
        fits=lambda user, request: user.is_active and user != request.user,
        form=DeactivateForm,
    ),
    "activate": AccountAction(
        title=_("Activate the account"),
        explanation=_("The account can sign in again, with the password and the phone it had."),
        done=_("%(name)s is active again."),
        do=activate,
        fits=lambda user, request: not user.is_active,
    ),
}
