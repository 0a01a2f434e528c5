"""The outbox: mails leave it one by one, at least once each, and none is ever given up."""

import logging
import smtplib
import time
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from clinic.database.errors import DATABASE_ERRORS
from contacts.clocks import WRONG_CLOCK
from contacts.mail import messages
from contacts.models import Lead, OutboxEmail

log = logging.getLogger(__name__)

# A worker that died with a mail in hand has had it long enough after this.
LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
# When the server is away the next mail of the queue tries it anyway: one mail need not wait long for its turn.
LONGEST_PAUSE_FOR_THE_SERVER = timedelta(minutes=5)
PAUSE_AFTER_REFUSAL = timedelta(days=1)
MOST_A_DAY_TO_ONE_ADDRESS = 3


class SendResult(Enum):
    """What became of the mail in hand."""

    SENT = "sent"
    POSTPONED = "postponed"
    FAILED = "failed"
    REFUSED = "refused"
    SERVER_AWAY = "server away"


def missing_settings() -> list[str]:
    """Return the variables without which some mails wait."""
    return [name for name in ("EMAIL_URL", "STAFF_INBOX") if not getattr(settings, name)]


def waiting() -> QuerySet[OutboxEmail]:
    """Return what is still to be sent; mails of suspected leads are not."""
    return OutboxEmail.objects.filter(sent_at=None).exclude(lead__status=Lead.Status.SUSPECTED)


def due(*, now: datetime) -> QuerySet[OutboxEmail]:
    """Return the mails to send now, and those that a wrong clock put off for longer than we ever do."""
    if not settings.EMAIL_URL:
        return OutboxEmail.objects.none()
    mails = waiting() if settings.STAFF_INBOX else waiting().exclude(kind=OutboxEmail.Kind.STAFF)
    return mails.filter(
        Q(due_at__lte=now) | Q(due_at__gt=now + PAUSE_AFTER_REFUSAL + WRONG_CLOCK),
        Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + LEASE + WRONG_CLOCK),
    )


def claim(*, now: datetime) -> OutboxEmail | None:
    """Return the mail that is due longest, claimed so that no other worker takes it, or None."""
    # A plain look first: on SQLite a transaction locks out everybody who writes.
    if not due(now=now).exists():
        return None
    with transaction.atomic():
        mail = due(now=now).select_for_update(skip_locked=True, of=("self",)).first()
        if mail:
            mail.claimed_until = now + LEASE
            mail.save(update_fields=["claimed_until"])
    return mail


def send_next(*, now: datetime) -> SendResult | None:
    """Send the mail that is due longest and return what became of it; None when nothing is due."""
    mail = claim(now=now)
    if mail is None:
        return None
    try:
        if daily_limit_reached(mail, now=now):
            return record_result(mail, SendResult.POSTPONED, due_at=now + LONGEST_PAUSE)
        messages.write(mail).send()
    except Exception as error:
        return failed(mail, error, now=now)
    log.info("mail sent", extra={"mail": mail.pk, "kind": mail.kind})
    return record_result(
        mail, SendResult.SENT, sent_at=now, attempts=F("attempts") + 1, last_error="", failing_since=None
    )


def daily_limit_reached(mail: OutboxEmail, *, now: datetime) -> bool:
    """Say whether three mails went to this patient's address in a day: nobody is flooded through our form."""
    if mail.kind != OutboxEmail.Kind.PATIENT:
        return False
    others = OutboxEmail.objects.filter(kind=mail.kind, lead__email_digest=mail.lead.email_digest).exclude(pk=mail.pk)
    gone_or_going = Q(sent_at__gt=now - timedelta(days=1)) | Q(sent_at=None, claimed_until__gt=now)
    return others.filter(gone_or_going).count() >= MOST_A_DAY_TO_ONE_ADDRESS


def failed(mail: OutboxEmail, error: Exception, *, now: datetime) -> SendResult:
    """Note why the mail did not leave and when it is tried again."""
    outcome, reason = classify_error(error)
    longest = LONGEST_PAUSE_FOR_THE_SERVER if outcome is SendResult.SERVER_AWAY else LONGEST_PAUSE
    wait = PAUSE_AFTER_REFUSAL if outcome is SendResult.REFUSED else pause(mail.attempts, longest=longest)
    is_ours = not isinstance(error, OSError)
    log.warning(
        "mail not sent",
        extra={"mail": mail.pk, "kind": mail.kind, "reason": reason},
        exc_info=error if is_ours else None,
    )
    return record_result(
        mail,
        outcome,
        due_at=now + wait,
        attempts=F("attempts") + 1,
        last_error=reason,
        failing_since=Coalesce("failing_since", now),
    )


def classify_error(error: Exception) -> tuple[SendResult, str]:
    """Return whose trouble `error` is, and the reason in words that hold no address (a server's own words may)."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
        case smtplib.SMTPDataError():
            code = error.smtp_code
        case smtplib.SMTPResponseException():
            return SendResult.SERVER_AWAY, f"SMTP {error.smtp_code}"
        case OSError():  # every other SMTPException is one too
            is_late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
            return SendResult.SERVER_AWAY, "timed out" if is_late else error.strerror or type(error).__name__
        case _:
            return SendResult.FAILED, type(error).__name__
    is_final = 500 <= code < 600
    return (SendResult.REFUSED if is_final else SendResult.FAILED), f"SMTP {code}"


def pause(attempts: int, *, longest: timedelta) -> timedelta:
    """Return how long to wait after attempt number `attempts` + 1: 4 seconds, 8, 16 ... `longest`."""
    return min(timedelta(seconds=4 * 2 ** min(attempts, 20)), longest)


def record_result(mail: OutboxEmail, outcome: SendResult, **changes) -> SendResult:
    """Write down what became of the mail, however long the database is away: what left must not leave twice."""
    give_up_at = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            with transaction.atomic():
                OutboxEmail.objects.filter(pk=mail.pk).update(claimed_until=None, **changes)
                if mail.kind == OutboxEmail.Kind.PATIENT and outcome in {SendResult.SENT, SendResult.REFUSED}:
                    Lead.objects.filter(pk=mail.lead_id).update(address_refused=outcome is SendResult.REFUSED)
            return outcome
        except DATABASE_ERRORS:
            if time.monotonic() > give_up_at:
                raise
            close_old_connections()
            time.sleep(1)
