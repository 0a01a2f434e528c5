"""Takes a request in: lead, consent and the mails to send, in one transaction, once however often it is sent."""

import json
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from clinic.database.write_lock import write_lock
from clinic.encryption.fields import keyed_digest
from contacts import addresses
from contacts.intake import throttle
from contacts.models import Consent, Lead, OutboxEmail
from contacts.privacy import consents
from contacts.references import new_reference
from questionnaire import rules
from questionnaire.rules import Answers

TRIES = 20


def fingerprint(*, email: str, name: str, message: str, answers: Answers | None, now: datetime) -> str:
    """Return the keyed hash that is the same for the same request on the same day in Rome."""
    content = json.dumps(answers.as_dict() if answers else None, sort_keys=True)
    return keyed_digest("lead", addresses.normalise(email), name, message, content, str(timezone.localdate(now)))


def receive(
    *,
    email: str,
    name: str = "",
    message: str = "",
    answers: Answers | None = None,
    language: str,
    source_page: str = "",
    form: str,
    consent_version: str = consents.CURRENT,
    is_suspected: bool = False,
    source: str = "",
    now: datetime,
) -> Lead:
    """Return the lead of this request, stored before this returns; the same request again gives the same lead.

    Raises a django.db.Error when it could not be stored, throttle.TooMany when `source` has sent enough.
    """
    mark = fingerprint(email=email, name=name, message=message, answers=answers, now=now)
    for _try in range(TRIES):
        try:
            with write_lock(), transaction.atomic():
                throttle.count(source, mark, now=now)
                lead = Lead.objects.create(
                    reference=new_reference(),
                    fingerprint=mark,
                    created_at=now,
                    last_contact_at=now,
                    language=language,
                    source_page=source_page,
                    email=email,
                    email_digest=addresses.digest(email),
                    name=name,
                    message=message,
                    answers=answers.as_dict() if answers else None,
                    outcome=rules.outcome(answers) if answers else "",
                    status=Lead.Status.SUSPECTED if is_suspected else Lead.Status.NEW,
                )
                Consent.objects.create(
                    lead=lead,
                    purpose=Consent.Purpose.CONTACT,
                    version=consent_version,
                    language=language,
                    text=consents.plain_text(consent_version, language),
                    form=form,
                    given_at=now,
                )
                if not is_suspected:
                    queue_mails(lead, now=now)
                return lead
        except IntegrityError:
            # Either this request is here already, or the reference was taken: the database tells which.
            if known := Lead.objects.filter(fingerprint=mark).first():
                # Who guesses at what somebody else wrote is counted, and answered, as if it had been new.
                with transaction.atomic():
                    throttle.count(source, mark, now=now)
                return known
    raise IntegrityError("no free reference was found")


def queue_mails(lead: Lead, *, now: datetime) -> None:
    """Queue the mail to the centre and the mail to the patient, once (call inside a transaction)."""
    mails = [OutboxEmail(lead=lead, kind=kind, created_at=now, due_at=now) for kind in OutboxEmail.Kind]
    OutboxEmail.objects.bulk_create(mails, ignore_conflicts=True)


def accept(lead: Lead, *, now: datetime) -> None:
    """Take a suspected lead for a true one ("not spam") and queue its mails, once however often this is called."""
    with transaction.atomic():
        suspected = Lead.objects.filter(pk=lead.pk, status=Lead.Status.SUSPECTED)
        if suspected.update(status=Lead.Status.NEW, version=F("version") + 1):
            queue_mails(lead, now=now)
