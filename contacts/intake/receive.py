"""Stores a request: lead, consent and the emails to send, in one transaction, once however often it is sent."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.database.write_lock import write_lock
from clinic.encryption.fields import keyed_digest
from contacts import addresses
from contacts.intake import spam, throttle
from contacts.models import Consent, Lead, OutboxEmail
from contacts.privacy import consents
from contacts.references import new_reference
from questionnaire import rules
from questionnaire.rules import Answers

MAX_ATTEMPTS = 20


@dataclass(frozen=True, kw_only=True)
class NewRequest:
    """One request as a valid form holds it; `source` is from throttle.source (empty: not limited)."""

    email: str
    name: str = ""
    phone: str = ""
    message: str = ""
    answers: Answers | None = None
    language: str
    source_page: str = ""
    form: str = Consent.Form.CONTACT
    consent_version: str = consents.CURRENT
    honeypot: str = ""
    source: str = ""

    def fingerprint(self, *, now: datetime) -> str:
        """Return the keyed hash that is the same for the same request on the same day in Rome."""
        answers = json.dumps(self.answers.as_dict() if self.answers else None, sort_keys=True)
        address, today = addresses.normalise(self.email), timezone.localdate(now)
        # With another number it is another request: as the same one it would lose the number.
        phone = [self.phone] if self.phone else []
        return keyed_digest("lead", address, self.name, self.message, answers, str(today), *phone)


def receive(request: NewRequest, *, now: datetime) -> Lead:
    """Return the stored lead of `request`; the same request sent again returns the same lead.

    Raises a django.db.Error if it could not be stored, throttle.TooMany if its source has reached the hourly limit.
    """
    fingerprint = request.fingerprint(now=now)
    for _attempt in range(MAX_ATTEMPTS):
        try:
            with write_lock(), transaction.atomic():
                # Before the lookup: a correct guess at another person's request is counted like a wrong one.
                throttle.count(request.source, fingerprint, now=now)
                return Lead.objects.filter(fingerprint=fingerprint).first() or store(request, fingerprint, now=now)
        except IntegrityError:
            # The same request was stored at the same time, or the random reference is in use: try again.
            continue
    raise IntegrityError("no free reference was found")


def store(request: NewRequest, fingerprint: str, *, now: datetime) -> Lead:
    """Create lead, consent and, unless it looks like spam, its emails (call inside a transaction)."""
    is_suspected = spam.is_suspected(honeypot=request.honeypot, name=request.name, message=request.message)
    lead = Lead.objects.create(
        reference=new_reference(),
        fingerprint=fingerprint,
        created_at=now,
        our_turn_since=now,
        last_contact_at=now,
        language=request.language,
        source_page=request.source_page,
        email=request.email,
        email_digest=addresses.digest(request.email),
        name=request.name,
        phone=request.phone,
        message=request.message,
        answers=request.answers.as_dict() if request.answers else None,
        outcome=rules.outcome(request.answers) if request.answers else "",
        status=Lead.Status.SUSPECTED if is_suspected else Lead.Status.NEW,
    )
    Consent.objects.create(
        lead=lead,
        purpose=Consent.Purpose.CONTACT,
        version=request.consent_version,
        language=request.language,
        text=consents.plain_text(request.consent_version, request.language),
        form=request.form,
        given_at=now,
    )
    if not is_suspected:
        OutboxEmail.queue(lead, now=now)
    return lead
