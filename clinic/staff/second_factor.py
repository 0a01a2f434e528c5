"""Whether a member of staff has a second factor and has used it, and which sessions end when that changes."""

from contextlib import contextmanager

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction

from clinic.encryption.fields import decrypt, encrypt

# Recovery codes stand in for one of these; alone they are none.
TYPES = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# What allauth keeps encrypted in the data of an authenticator.
SECRETS = {"secret", "seed", "migrated_codes"}


def is_set_up(user) -> bool:
    return is_mfa_enabled(user, TYPES)


def is_passed(request) -> bool:
    """Return whether this session used a second factor, and the account still has one."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records) and is_set_up(request.user)


@contextmanager
def account_lock(user):
    """Let one request at a time decide about the sign-in of `user`, so that no code and no set-up is used twice.

    SQLite has one writer anyway; PostgreSQL locks the row of the account until the transaction ends.
    """
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=user.pk).first()
        yield


def end_sessions(request, user, *, keep_own=False) -> None:
    """Sign `user` out of every browser (or every other one), also where only the password was given so far."""
    if user == request.user and not keep_own:
        request.session.flush()
    for session in Session.objects.exclude(session_key=request.session.session_key):
        data = session.get_decoded()
        pending = data.get(LOGIN_SESSION_KEY) or {}
        if data.get(SESSION_KEY) == str(user.pk) or pending.get("user_pk") == user_pk_to_url_str(user):
            session.delete()


def reset(user) -> None:
    """Delete every second factor of `user`: the next sign-in with the password sets up a new one."""
    Authenticator.objects.filter(user=user).delete()


def encrypt_with_newest_key() -> int:
    """Re-encrypt what the newest of FIELD_KEYS does not read; return for how many factors (see rotate_keys)."""
    rewritten = 0
    for pk in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            data = factor and {
                name: renewed(value) if name in SECRETS else value for name, value in factor.data.items()
            }
            if factor and data != factor.data:
                factor.data = data
                factor.save(update_fields=["data"])
                rewritten += 1
    return rewritten


def renewed(secret: str | list[str]) -> str | list[str]:
    """Return ciphertext (or each of a list) under the newest key: the same when it is already."""
    if isinstance(secret, list):
        return [str(renewed(each)) for each in secret]
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(secret.encode())
    except InvalidToken:
        return encrypt(decrypt(secret))
    return secret
