"""The texts with which staff begin a reply, in the patient's language, and the link to their own mail program."""

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
# Longer links are cut by some mail programs, or open none.
MAX_LINK = 2000


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


def text_for(lead: Lead, saved: SavedReply | None, profile: ClinicProfile) -> str:
    """Return the text of `saved` between a greeting by name and the signature of the automatic emails."""
    name = " ".join(lead.name.split())
    with override(lead.language):
        greeting = _("Dear %(name)s,") % {"name": name} if name else _("Dear Sir or Madam,")
        # The centre's own name may reveal what its patients have.
        signature = "\n".join(part for part in (_("Dr. Marina Fantato's centre"), profile.phone) if part)
    body = (saved and getattr(saved, f"body_{lead.language}")) or ""
    return "\n\n".join([greeting, body.strip(), signature])


def subject(lead: Lead) -> str:
    with override(lead.language):
        return _("Your request %(reference)s") % {"reference": lead.reference}


def mailto(lead: Lead, text: str) -> str:
    """Return a mailto link (RFC 6068: percent-encoded, lines end in CR LF)."""
    lines = text.strip().replace("\r\n", "\n").replace("\n", "\r\n")
    return f"mailto:{quote(lead.email, safe='@')}?subject={quote(subject(lead), safe='')}&body={quote(lines, safe='')}"
