"""Personal fields: encrypted before they reach the database, with keys kept apart from SECRET_KEY."""

import hashlib
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models


class WrongKey(Exception):
    """Stored text cannot be read with the FIELD_KEYS given."""


def cipher() -> MultiFernet:
    """Return the cipher: writes with the newest key of FIELD_KEYS, reads with any."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def encrypt(text: str) -> str:
    return cipher().encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """Return the text in `stored`; raise WrongKey, never the ciphertext, when no key reads it."""
    try:
        return cipher().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise WrongKey("A personal field cannot be read: FIELD_KEYS lacks the key it was written with.") from None


def keyed_digest(purpose: str, *parts: str) -> str:
    """Return a hex digest of `parts` that only a holder of DIGEST_KEY can compute (64 characters)."""
    message = json.dumps([purpose, *parts]).encode()
    return hmac.new(settings.DIGEST_KEY.encode(), message, hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """A text that is ciphertext in the database and plain in the instance; it can only be looked up by isnull."""

    def get_db_prep_save(self, value, connection):
        value = super().get_db_prep_save(value, connection)
        return value if value is None else encrypt(value)

    def from_db_value(self, value, expression, connection):
        return value if value is None else decrypt(value)

    def value_to_string(self, obj):
        value = self.value_from_object(obj)
        return value if value is None else encrypt(self.get_prep_value(value))

    def get_lookup(self, lookup_name):
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: it cannot be looked up by {lookup_name}.")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name):
        raise FieldError(f"{self.name} is encrypted: it cannot be transformed.")


class EncryptedJSONField(EncryptedTextField):
    """A JSON value kept like EncryptedTextField."""

    def get_prep_value(self, value):
        return value if value is None else json.dumps(value, sort_keys=True)

    def from_db_value(self, value, expression, connection):
        text = super().from_db_value(value, expression, connection)
        return text if text is None else json.loads(text)

    def to_python(self, value):
        return value
