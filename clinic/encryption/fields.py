"""Model fields for personal data, encrypted before they reach the database, with keys other than SECRET_KEY."""

import hashlib
import hmac
import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import IsNull
from django.db.models.sql import UpdateQuery

# Prefix of ciphertext in the output of dumpdata, so that loaddata does not encrypt it a second time.
DUMPED = "fernet:"


class WrongKey(Exception):
    """Stored text cannot be read with the FIELD_KEYS given."""


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """Return the cipher: writes with the newest key of FIELD_KEYS, reads with any."""
    return _cipher(tuple(settings.FIELD_KEYS))


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


class EncryptedColumn(Col):
    """An encrypted column in a query: it may be selected and tested for NULL; all else would work on ciphertext."""

    def as_sql(self, compiler, connection):
        if not self.is_only_read(compiler):
            raise FieldError(f"{self.target.name} is encrypted: it can only be read, or looked up by isnull.")
        return super().as_sql(compiler, connection)

    def is_only_read(self, compiler) -> bool:
        """Return whether `compiler` is compiling the list of selected columns, with this column unchanged in it."""
        query = compiler.query
        if isinstance(query, UpdateQuery) or query.distinct:
            return False
        if compiler.select is not None:
            # The list is done. An annotated count repeats it in GROUP BY: harmless, the primary key is in it.
            return query.group_by is True and any(self is column for column, *_rest in compiler.select)
        expressions = query.annotation_select.values()
        return not any(self is part for expression in expressions for part in expression.flatten())


class EncryptedIsNull(IsNull):
    def process_lhs(self, compiler, connection, lhs=None):
        return Col.as_sql(lhs or self.lhs, compiler, connection)


class EncryptedTextField(models.TextField):
    """A text that is ciphertext in the database and plain on the instance; queries may only select it."""

    def get_prep_value(self, value):
        return value if value is None or hasattr(value, "as_sql") else str(value)

    def get_db_prep_save(self, value, connection):
        value = self.get_prep_value(value)
        if hasattr(value, "as_sql"):
            # The database would compute it on plain text, except when its values are this field's own (bulk_update).
            if not isinstance(value.output_field, EncryptedTextField):
                raise FieldError(f"{self.name} is encrypted: it cannot be set to an expression.")
            return value
        return value if value is None else encrypt(value)

    def from_db_value(self, value, expression, connection):
        return value if value is None else decrypt(value)

    def value_to_string(self, obj):
        value = self.get_prep_value(self.value_from_object(obj))
        return value if value is None else DUMPED + encrypt(value)

    def to_python(self, value):
        if not isinstance(value, str) or not value.startswith(DUMPED):
            return super().to_python(value)
        try:
            return decrypt(value.removeprefix(DUMPED))
        except WrongKey as error:
            raise ValidationError(str(error)) from None

    def get_col(self, alias, output_field=None):
        return EncryptedColumn(alias, self, output_field)

    def get_lookup(self, lookup_name):
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: it cannot be looked up by {lookup_name}.")
        return EncryptedIsNull

    def get_transform(self, lookup_name):
        raise FieldError(f"{self.name} is encrypted: it cannot be transformed.")


class EncryptedJSONField(EncryptedTextField):
    """A JSON value, stored like EncryptedTextField."""

    def get_prep_value(self, value):
        return value if value is None or hasattr(value, "as_sql") else json.dumps(value, sort_keys=True)

    def from_db_value(self, value, expression, connection):
        text = super().from_db_value(value, expression, connection)
        return text if text is None else json.loads(text)

    def to_python(self, value):
        is_dumped = isinstance(value, str) and value.startswith(DUMPED)
        return json.loads(super().to_python(value)) if is_dumped else value
