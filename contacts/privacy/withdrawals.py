"""The signed link in a patient's mail by which they take their request back."""

from uuid import UUID

from django.core import signing

SALT = "contacts.withdraw"


class BadLink(Exception):
    """The link was cut or changed on the way."""


def token(lead_id: UUID) -> str:
    return signing.Signer(salt=SALT).sign(lead_id.hex)


def lead_id(token: str) -> UUID:
    """Return the id of the lead a link belongs to (the lead itself may be gone); raise BadLink."""
    try:
        return UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error
