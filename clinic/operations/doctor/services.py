"""Checks of what the site does: answer at its address, run its jobs, send mail, make backups."""

import smtplib
import ssl
from contextlib import closing
from datetime import timedelta
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection

from clinic.models import Drill
from clinic.operations import backups
from clinic.operations.doctor.problem import Problem
from contacts import clocks
from contacts.inbox import reports
from contacts.jobs import DAILY, MONTHLY
from contacts.mail import outbox
from contacts.mail.outbox import SendResult
from contacts.models import OutboxEmail, WorkerHeartbeat

DAILY_IS_LATE = timedelta(hours=27)
MAIL_IS_LATE = timedelta(minutes=30)
CERTIFICATE_DAYS = 14


def address(now):
    if not settings.HTTPS:
        raise Problem("plain http: nothing is encrypted on its way", "Set SITE_URL=https://... and put nginx in front.")
    if not settings.TRUSTED_PROXIES:
        raise Problem("https, but no proxy is trusted: every page redirects to itself", "Set TRUSTED_PROXIES=1.")
    site = urlsplit(settings.SITE_URL)
    browser = HTTPSConnection(str(site.hostname), site.port, timeout=10, context=ssl.create_default_context())
    try:
        with closing(browser):
            browser.connect()
            ends = ssl.cert_time_to_seconds(browser.sock.getpeercert()["notAfter"])
            # nginx completes the handshake without the site: only an answer to a request comes from the site.
            browser.request("GET", "/readyz")
            status = browser.getresponse().status
    except (OSError, HTTPException) as error:
        raise Problem(
            f"{settings.SITE_URL} does not answer: {error}",
            "See: systemctl status nginx, the name's DNS entry, the certificate (certbot certificates).",
        ) from error
    if status != 200:
        raise Problem(
            f"{settings.SITE_URL}/readyz answers {status} instead of 200",
            "See: systemctl status clinic-web clinic-web.socket",
        )
    days = int(ends - now.timestamp()) // 86_400
    if days < CERTIFICATE_DAYS:
        raise Problem(f"the certificate ends in {days} days", "Run: certbot renew, and check why its timer did not.")
    return f"answers, its certificate is good for {days} days"


def static_files(now):
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        raise Problem("were never collected: pages have no style", "Run: clinic prepare")
    return "are there"


def worker(now):
    if silence := reports.worker_silence(now=now):
        since = f"since {silence.since:%Y-%m-%d %H:%M} UTC" if silence.since else "ever"
        raise Problem(f"no heartbeat {since}: no mail is sent", "Run: systemctl restart clinic-worker")
    return "running"


def jobs(now):
    limits = dict.fromkeys(DAILY, DAILY_IS_LATE) | dict.fromkeys(MONTHLY, Drill.LATE_AFTER)
    rows = WorkerHeartbeat.objects.filter(name__in=limits)
    if late := [row.name for row in rows if now - row.at > limits[row.name]]:
        raise Problem(f"not done in time: {', '.join(late)}", f"Run: clinic {late[0]} and read its output.")
    return "done, or due tonight"


def date(now):
    if last := clocks.purge_far_off(now=now):
        raise Problem(
            f"the clock says {now:%Y-%m-%d}, and leads were last purged {last:%Y-%m-%d}: nothing is deleted by date",
            clocks.HINT,
        )
    return "fits the last purge"


def mail(now):
    if missing := outbox.missing_settings():
        raise Problem(f"{' and '.join(missing)} not set: mails wait", "Set it in .env and restart web and worker.")
    try:
        with get_connection():
            pass
    except (OSError, smtplib.SMTPException) as error:
        reason = outbox.classify_error(error)[1]
        raise Problem(
            f"the mail server refuses the sign-in: {reason}", "Check EMAIL_URL with the mail provider."
        ) from error
    return "the mail server accepts the sign-in"


def undelivered_mail(now):
    late = outbox.waiting().filter(created_at__lt=now - MAIL_IS_LATE)
    # Not for the operator: a refused address is shown on its lead, a fourth mail of the day waits until tomorrow.
    late = late.exclude(kind__in=OutboxEmail.TO_PATIENT, lead__address_refused=True).exclude(attempts=0, due_at__gt=now)
    if oldest := late.order_by("created_at").first():
        reason = oldest.last_error or "never tried"
        if reason.startswith(SendResult.REFUSED_BY_SERVER.value):
            hint = "Ask the mail provider why: the sender, a policy, a quota or a block list, not the address."
        elif oldest.kind == OutboxEmail.Kind.STAFF and reason.startswith("SMTP 5"):
            hint = "There is no such mailbox: correct STAFF_INBOX and restart web and worker."
        else:
            # It may still run with an earlier .env.
            hint = "See `mail` and `worker` above; if both are ok: systemctl restart clinic-worker"
        raise Problem(
            f"{late.count()} mails wait, the oldest since {oldest.created_at:%Y-%m-%d %H:%M} UTC: {reason}",
            hint,
        )
    return "none waits long"


def backup(now):
    made = backups.all_in(settings.VAR_DIR / "backups")
    if not made or now.timestamp() - made[-1].stat().st_mtime > DAILY_IS_LATE.total_seconds():
        raise Problem(
            f"the newest is {made[-1].name}" if made else "there is none",
            "Run: clinic backup, then systemctl status clinic-backup.timer",
        )
    return made[-1].name


def drill(now):
    last = Drill.objects.first()
    if not last:
        return "the first is due in the night after the site's first day"
    if last.outcome == Drill.Outcome.FAILED:
        raise Problem(last.reason, "Run: clinic backup && clinic drill")
    return f"{last} on {last.at:%Y-%m-%d}"
