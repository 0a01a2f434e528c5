"""Carries the answers from the self-check to the contact form: encrypted, dated, valid for two hours."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from questionnaire.rules import Answers

VALID_SECONDS = 2 * 60 * 60


class SealBroken(Exception):
    """The sealed answers were tampered with, are too old, or were never ours."""


def _fernet() -> Fernet:
    digest = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"self-check seal").digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(answers: Answers, *, now: datetime) -> str:
    """Return `answers` as an opaque text that only this site can read."""
    return _fernet().encrypt_at_time(json.dumps(answers.as_dict()).encode(), int(now.timestamp())).decode()


def unseal(sealed: str, *, now: datetime) -> Answers:
    """Return the answers in `sealed`; raise SealBroken when it is not ours, was changed or is older than two hours."""
    return opened(lambda: _fernet().decrypt_at_time(sealed.encode(), VALID_SECONDS, int(now.timestamp())))


def unseal_of_any_age(sealed: str) -> Answers:
    """Return the answers in `sealed`, to show them once more on the page that carried them; else raise SealBroken."""
    return opened(lambda: _fernet().decrypt(sealed.encode()))


def opened(decrypt: Callable[[], bytes]) -> Answers:
    try:
        return Answers(**json.loads(decrypt()))
    except (InvalidToken, UnicodeError) as error:
        raise SealBroken from error
