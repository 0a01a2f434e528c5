"""Encrypted tokens that carry the answers from the self-check to the contact form, valid for two hours."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from cryptography import fernet
from django.conf import settings

from questionnaire.rules import Answers

VALID_SECONDS = 2 * 60 * 60


class InvalidToken(Exception):
    """The token was changed, is older than two hours, or was not made by this site."""


def _fernet() -> fernet.Fernet:
    digest = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"self-check seal").digest()
    return fernet.Fernet(base64.urlsafe_b64encode(digest))


def make_token(answers: Answers, *, now: datetime) -> str:
    """Return `answers` encrypted as a text that only this site can read."""
    return _fernet().encrypt_at_time(json.dumps(answers.as_dict()).encode(), int(now.timestamp())).decode()


def read_token(token: str, *, now: datetime) -> Answers:
    """Return the answers in `token`; raise InvalidToken if it is not valid (any more)."""
    return decode(lambda: _fernet().decrypt_at_time(token.encode(), VALID_SECONDS, int(now.timestamp())))


def read_token_of_any_age(token: str) -> Answers:
    """Return the answers in `token`, to show them again on the page that posted it; raise InvalidToken."""
    return decode(lambda: _fernet().decrypt(token.encode()))


def decode(decrypt: Callable[[], bytes]) -> Answers:
    try:
        return Answers(**json.loads(decrypt()))
    except (fernet.InvalidToken, UnicodeError) as error:
        raise InvalidToken from error
