"""Saved answers: links that open the mail program of staff with address, subject and text filled in."""

import tomllib
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinic.models import ClinicProfile
from clinic.seeds import columns, load_once
from contacts.models import Lead, SavedReply

FIRST_TEXTS = Path(__file__).parent / "replies.toml"


@transaction.atomic
def load_replies(*, now: datetime) -> int:
    """Create the saved answers that were never loaded; return how many were created."""
    created = 0
    for name, entry in tomllib.loads(FIRST_TEXTS.read_text()).items():
        words = columns(entry)
        rows = SavedReply.objects.filter(title_it=words["title_it"])
        create = partial(SavedReply.objects.create, **words)
        created += load_once(f"contacts/replies/{name}", words, create=create, existing=rows, now=now)
    return created


def for_lead(lead: Lead, profile: ClinicProfile) -> list[tuple[str, str]]:
    """Return (title, mailto link) of an empty answer and of each saved answer, in the patient's language."""
    with override(lead.language):
        subject = _("Your request %(reference)s") % {"reference": lead.reference}
        # The signature of the automatic email: the centre's own name may reveal what its patients have.
        signature = "\n".join(part for part in (_("Dr. Marina Fantato's centre"), profile.phone) if part)
    texts = [(reply.title, getattr(reply, f"body_{lead.language}")) for reply in SavedReply.objects.all()]
    return [(title, mailto(lead.email, subject, f"{body}\n\n{signature}")) for title, body in [("", ""), *texts]]


def mailto(address: str, subject: str, body: str) -> str:
    """Return a mailto link (RFC 6068: percent-encoded, lines end in CR LF)."""
    lines = body.strip().replace("\r\n", "\n").replace("\n", "\r\n")
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"
