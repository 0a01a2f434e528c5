"""The outbox: sends queued emails one by one, each at least once, and retries until they are sent."""

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
from contacts.mail import messages, refusals
from contacts.models import Lead, OutboxEmail

log = logging.getLogger(__name__)

# An email that a killed worker had claimed may be claimed again after this.
LEASE = timedelta(minutes=5)
MAX_PAUSE = timedelta(hours=1)
# The other emails of the queue try an unreachable server anyway, so the email that met it need not wait long.
MAX_SERVER_PAUSE = timedelta(minutes=5)
PAUSE_AFTER_REFUSAL = timedelta(days=1)
MAX_DAILY_PER_ADDRESS = 3


class SendResult(Enum):
    """The result of one attempt to send."""

    SENT = "sent"
    POSTPONED = "postponed"
    FAILED = "failed"
    # No such mailbox or domain: the address is wrong.
    REFUSED = "refused"
    # For a reason that is not the address.
    REFUSED_BY_SERVER = "refused by the mail server"
    SERVER_AWAY = "server away"


# An answer of the server replaces what it said about the address before, not what staff know (a mail that came back).
ABOUT_THE_ADDRESS = (SendResult.SENT, SendResult.REFUSED, SendResult.REFUSED_BY_SERVER)


def missing_settings() -> list[str]:
    """Return the names of unset variables without which some emails wait."""
    return [name for name in ("EMAIL_URL", "STAFF_INBOX") if not getattr(settings, name)]


def waiting() -> QuerySet[OutboxEmail]:
    """Return the emails still to be sent, without those of suspected leads."""
    inboxes = len(messages.staff_inboxes())
    unsent = OutboxEmail.objects.filter(sent_at=None).exclude(lead__status=Lead.Status.SUSPECTED)
    # A colleague is told of a lead only while it is theirs.
    unsent = unsent.filter(Q(recipient=None) | Q(recipient=F("lead__owner"), recipient__is_active=True))
    # An address that was removed from STAFF_INBOX gets nothing; without any, the first email waits for one.
    return unsent.filter(inbox__lt=max(inboxes, 1))


def due(*, now: datetime) -> QuerySet[OutboxEmail]:
    """Return the emails to send now; a due time further ahead than any pause was written by a wrong clock."""
    if not settings.EMAIL_URL:
        return OutboxEmail.objects.none()
    mails = waiting() if settings.STAFF_INBOX else waiting().exclude(kind=OutboxEmail.Kind.STAFF)
    return mails.filter(
        Q(due_at__lte=now) | Q(due_at__gt=now + PAUSE_AFTER_REFUSAL + WRONG_CLOCK),
        Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + LEASE + WRONG_CLOCK),
    )


def claim(*, now: datetime) -> OutboxEmail | None:
    """Return the email that is due longest, claimed so that no other worker sends it, or None."""
    # Checked outside a transaction first: on SQLite a transaction blocks every other writer.
    if not due(now=now).exists():
        return None
    with transaction.atomic():
        mail = due(now=now).select_for_update(skip_locked=True, of=("self",)).first()
        if mail:
            mail.claimed_until = now + LEASE
            mail.save(update_fields=["claimed_until"])
            inboxes = len(messages.staff_inboxes())
            if mail.kind == OutboxEmail.Kind.STAFF and inboxes > 1:
                mail.queue_for_other_inboxes(inboxes, now=now)
    return mail


def send_next(*, now: datetime) -> SendResult | None:
    """Send the email that is due longest and return the result; None when nothing is due."""
    mail = claim(now=now)
    if mail is None:
        return None
    try:
        if daily_limit_reached(mail, now=now):
            return record_result(mail, SendResult.POSTPONED, due_at=now + MAX_PAUSE)
        messages.make(mail).send()
    except Exception as error:
        return record_failure(mail, error, now=now)
    log.info("mail sent", extra={"mail": mail.pk, "kind": mail.kind})
    return record_result(
        mail, SendResult.SENT, sent_at=now, attempts=F("attempts") + 1, last_error="", failing_since=None, before=None
    )


def daily_limit_reached(mail: OutboxEmail, *, now: datetime) -> bool:
    """Return whether this patient's address has had MAX_DAILY_PER_ADDRESS emails: a form must not flood anyone.

    Emails that other workers have claimed count too: all are claimed before they are counted, so that two workers at
    once may send one too few, never one too many.
    """
    if mail.kind != OutboxEmail.Kind.PATIENT:
        return False
    others = OutboxEmail.objects.filter(kind=mail.kind, lead__email_digest=mail.lead.email_digest).exclude(pk=mail.pk)
    # No time further ahead: a clock that was wrong wrote it.
    sent = Q(sent_at__gt=now - timedelta(days=1), sent_at__lte=now + WRONG_CLOCK)
    claimed = Q(sent_at=None, claimed_until__gt=now, claimed_until__lte=now + LEASE + WRONG_CLOCK)
    return others.filter(sent | claimed).count() >= MAX_DAILY_PER_ADDRESS


def record_failure(mail: OutboxEmail, error: Exception, *, now: datetime) -> SendResult:
    """Record why the email was not sent and when it is tried again."""
    result, reason = classify_error(error)
    longest = MAX_PAUSE if result is SendResult.FAILED else MAX_SERVER_PAUSE
    wait = PAUSE_AFTER_REFUSAL if result is SendResult.REFUSED else pause(mail.attempts, longest=longest)
    is_unexpected = not isinstance(error, OSError)
    log.warning(
        "mail not sent",
        extra={"mail": mail.pk, "kind": mail.kind, "reason": reason},
        exc_info=error if is_unexpected else None,
    )
    return record_result(
        mail,
        result,
        due_at=now + wait,
        attempts=F("attempts") + 1,
        last_error=reason,
        failing_since=Coalesce("failing_since", now),
    )


def classify_error(error: Exception) -> tuple[SendResult, str]:
    """Return the result that `error` stands for, and a reason without the server's text, which may name the address."""
    said: str | bytes
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
        case smtplib.SMTPDataError():
            code, said = error.smtp_code, error.smtp_error
        case smtplib.SMTPResponseException():
            return SendResult.SERVER_AWAY, f"SMTP {error.smtp_code}"
        case OSError():  # every other SMTPException is one too
            timed_out = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
            return SendResult.SERVER_AWAY, "timed out" if timed_out else error.strerror or type(error).__name__
        case _:
            return SendResult.FAILED, type(error).__name__
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    reason = f"SMTP {code} {refusals.enhanced_code(text)}".strip()
    if refusals.is_no_such_address(code, text):
        return SendResult.REFUSED, reason
    if 500 <= code < 600:
        return SendResult.REFUSED_BY_SERVER, f"{SendResult.REFUSED_BY_SERVER.value}: {reason}"
    return SendResult.FAILED, reason


def pause(attempts: int, *, longest: timedelta) -> timedelta:
    """Return how long to wait after attempt number `attempts` + 1: 4 seconds, 8, 16 ... `longest`."""
    return min(timedelta(seconds=4 * 2 ** min(attempts, 20)), longest)


def record_result(mail: OutboxEmail, result: SendResult, **changes) -> SendResult:
    """Store the result; retry for LEASE if the database is away, because a sent email must not be sent again.

    A failure after the lease was over is not stored: another worker has the email by then, or has sent it.
    """
    give_up_at = time.monotonic() + LEASE.total_seconds()
    rows = OutboxEmail.objects.filter(pk=mail.pk)
    if result is not SendResult.SENT:
        rows = rows.filter(claimed_until=mail.claimed_until)
    while True:
        try:
            with transaction.atomic():
                is_ours = rows.update(claimed_until=None, **changes)
                is_news = result is SendResult.REFUSED or (mail.failing_since and result in ABOUT_THE_ADDRESS)
                if is_ours and is_news and mail.kind in OutboxEmail.TO_PATIENT:
                    Lead.objects.filter(pk=mail.lead_id).update(address_refused=result is SendResult.REFUSED)
            return result
        except DATABASE_ERRORS:
            if time.monotonic() > give_up_at:
                raise
            close_old_connections()
            time.sleep(1)
