"""Writes the record of sign-ins: who came in or was refused, and what happened to an account."""

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.utils import timezone

from clinic.encryption.fields import keyed_digest
from clinic.models import SignInEntry

Event = SignInEntry.Event


def record(event: Event, account: User | None, *, actor: User | None = None, name_digest: str = "") -> None:
    """Add one entry about `account`; `actor` is who did it, None for nobody signed in or an operator's command."""
    SignInEntry.objects.create(at=timezone.now(), event=event, account=account, actor=actor, name_digest=name_digest)


def record_refusal(event: Event, name: str) -> None:
    """Add an entry about an attempt to sign in as `name`."""
    account = User.objects.filter(username=name).first()
    record(event, account, name_digest="" if account else keyed_digest("sign-in", name))


@receiver(user_logged_in)
def signed_in(user, **kwargs):
    record(Event.SIGNED_IN, user, actor=user)


@receiver(user_logged_out)
def signed_out(user, **kwargs):
    if user:
        record(Event.SIGNED_OUT, user, actor=user)
