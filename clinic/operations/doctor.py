"""Looks at everything that could keep the site from doing its work, and says in words what helps."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import get_connection
from django.db import DatabaseError, connection

from clinic.database import errors
from clinic.encryption import fields, fingerprints
from clinic.facts import facts
from clinic.http import health
from clinic.operations import backups, dumps
from clinic.staff.roles import OWNER
from contacts import addresses, clocks
from contacts.inbox import reports
from contacts.jobs import DAILY
from contacts.mail import outbox
from contacts.models import Lead, OutboxEmail, WorkerHeartbeat

ENOUGH_FREE_BYTES = 1024**3
DAILY_IS_LATE = timedelta(hours=27)
MAIL_IS_LATE = timedelta(minutes=30)
CERTIFICATE_DAYS = 14


@dataclass(frozen=True)
class Finding:
    """What a check found; with a cure it is trouble."""

    check: str
    words: str
    cure: str = ""


class Trouble(Exception):
    """Raised by a check: what is wrong, and what helps."""


def examine(*, now: datetime) -> Iterator[Finding]:
    """Make every check, whatever the others find."""
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            yield Finding(name, check(now))
        except Trouble as trouble:
            words, cure = trouble.args
            yield Finding(name, words, cure)
        except DatabaseError as error:
            yield Finding(name, f"cannot be told: {errors.reason(error)}", "See to the database first.")


def database(now):
    try:
        missing = health.missing_migrations()
    except DatabaseError as error:
        raise Trouble(f"does not answer: {errors.reason(error)}", errors.cure(error)) from error
    if missing:
        raise Trouble(f"lacks {missing} migrations", "Run: clinic prepare")
    if connection.vendor == "sqlite":
        try:
            dumps.check_sqlite(settings.SQLITE_FILE)
        except dumps.CopyFailed as error:
            raise Trouble("is damaged", str(error)) from error
    return f"{connection.vendor} answers, is sound and up to date"


def disk(now):
    if not health.disk_has_room(least_bytes=ENOUGH_FREE_BYTES):
        raise Trouble(
            f"less than {ENOUGH_FREE_BYTES >> 30} GiB free, or not writable, at {settings.VAR_DIR}",
            "Make room: journalctl --vacuum-size=200M, older files in backups/ once they are copied elsewhere.",
        )
    return "has room"


def private_files(now):
    private = [settings.SQLITE_FILE, settings.VAR_DIR / "erasures.log"]
    private += [*(settings.VAR_DIR / "keys").glob("*"), *(settings.VAR_DIR / "backups").glob("*")]
    private = [path for path in private if path.exists()]
    if opened := [str(path) for path in private if path.stat().st_mode & 0o077]:
        raise Trouble(f"others may read {', '.join(opened)}", f"Run: chmod go= {' '.join(opened)}")
    # It may hold keys and passwords; its group is the site's.
    dotenv = settings.BASE_DIR / ".env"
    if dotenv.exists() and dotenv.stat().st_mode & 0o007:
        raise Trouble(f"others may read {dotenv}", f"Run: chmod o= {dotenv}")
    owner = settings.VAR_DIR.stat().st_uid
    if foreign := [str(path) for path in private if path.stat().st_uid != owner]:
        raise Trouble(
            f"another user than the site's owns {', '.join(foreign)}: the site cannot go on writing there",
            f"Run as root: chown --reference={settings.VAR_DIR} {' '.join(foreign)}",
        )
    return "database, keys and backups are the site's user's alone"


def old_copies(now):
    """Whoever is erased stays in them: no purge comes there."""
    file = settings.SQLITE_FILE
    left = {*file.parent.glob(f"{file.name}*"), *settings.VAR_DIR.glob(".restore-*")}
    left.update(backups.left_behind(settings.VAR_DIR / "backups", now=now))
    if connection.vendor == "sqlite":
        # After a move to PostgreSQL these are left over too.
        left -= {file.with_name(f"{file.name}{ending}") for ending in ("", "-wal", "-shm", "-journal")}
    if names := sorted(str(path) for path in left if path.exists()):
        raise Trouble(
            f"leads may still lie in {', '.join(names)}, also those erased since",
            f"When you are sure that the site has all it needs: rm -r {' '.join(names)}",
        )
    return "none but the backups"


def keys(now):
    if names := fingerprints.missing(fingerprints.needed()):
        raise Trouble("do not read the data", fingerprints.refuse(names))
    try:
        for lead in (Lead.objects.first(), Lead.objects.last()):
            if lead and addresses.digest(lead.email) != lead.email_digest:
                raise Trouble("do not find people by their address", fingerprints.refuse({"DIGEST_KEY"}))
    except fields.WrongKey:
        raise Trouble("do not read the data", fingerprints.refuse({"FIELD_KEYS"})) from None
    return "read the oldest and the newest lead"


def address(now):
    if not settings.HTTPS:
        raise Trouble("plain http: everything travels in clear", "Set SITE_URL=https://... and put nginx in front.")
    if not settings.TRUSTED_PROXIES:
        raise Trouble("https, but no proxy is trusted: every page redirects to itself", "Set TRUSTED_PROXIES=1.")
    site = urlsplit(settings.SITE_URL)
    browser = HTTPSConnection(str(site.hostname), site.port, timeout=10, context=ssl.create_default_context())
    try:
        with closing(browser):
            browser.connect()
            ends = ssl.cert_time_to_seconds(browser.sock.getpeercert()["notAfter"])
            # nginx alone shakes hands too: only an answer from behind it says that the site is there.
            browser.request("GET", "/readyz")
            status = browser.getresponse().status
    except (OSError, HTTPException) as error:
        raise Trouble(
            f"{settings.SITE_URL} does not answer a browser: {error}",
            "See: systemctl status nginx, the name's DNS entry, the certificate (certbot certificates).",
        ) from error
    if status != 200:
        raise Trouble(
            f"{settings.SITE_URL}/readyz answers {status} instead of 200",
            "See: systemctl status clinic-web clinic-web.socket",
        )
    days = int(ends - now.timestamp()) // 86_400
    if days < CERTIFICATE_DAYS:
        raise Trouble(f"the certificate ends in {days} days", "Run: certbot renew, and see why its timer did not.")
    return f"answers, its certificate is good for {days} days"


def identity(now):
    """A centre's site on the internet says who runs it (D.Lgs. 70/2003 art. 7)."""
    if settings.HTTPS and (gaps := facts.current().identity_gaps()):
        raise Trouble(
            f"the site is not lawful yet, it lacks: {', '.join(gaps)}",
            f"Ask an editor to fill them in: {settings.SITE_URL}/admin/clinic/clinicprofile/",
        )
    return "the site says who runs it, or is not on the internet yet"


def static_files(now):
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        raise Trouble("were never collected: pages have no style", "Run: clinic prepare")
    return "are there"


def worker(now):
    if silence := reports.worker_silence(now=now):
        since = f"since {silence.since:%Y-%m-%d %H:%M} UTC" if silence.since else "ever"
        raise Trouble(f"no sign of life {since}: no mail leaves", "Run: systemctl restart clinic-worker")
    return "alive"


def daily_jobs(now):
    late = [row.name for row in WorkerHeartbeat.objects.filter(name__in=DAILY) if now - row.at > DAILY_IS_LATE]
    if late:
        raise Trouble(f"not done since yesterday: {', '.join(late)}", f"Run: clinic {late[0]} and read what it says.")
    return "done, or due tonight"


def date(now):
    if last := clocks.purge_far_off(now=now):
        raise Trouble(
            f"the clock says {now:%Y-%m-%d}, and leads were last purged {last:%Y-%m-%d}: nothing is deleted by date",
            clocks.CURE,
        )
    return "fits the last purge"


def mail(now):
    if missing := outbox.missing_settings():
        raise Trouble(f"{' and '.join(missing)} not set: mails wait", "Set it in .env and restart web and worker.")
    try:
        with get_connection():
            pass
    except (OSError, smtplib.SMTPException) as error:
        reason = outbox.classify_error(error)[1]
        raise Trouble(
            f"the mail server does not let us in: {reason}", "Check EMAIL_URL with the mail provider."
        ) from error
    return "the mail server lets us in"


def undelivered_mail(now):
    late = outbox.waiting().filter(created_at__lt=now - MAIL_IS_LATE)
    # Not the operator's: an address that refuses stands on its lead, a fourth mail of the day waits for tomorrow.
    late = late.exclude(kind=OutboxEmail.Kind.PATIENT, lead__address_refused=True).exclude(attempts=0, due_at__gt=now)
    if oldest := late.order_by("created_at").first():
        reason = oldest.last_error or "never tried"
        raise Trouble(
            f"{late.count()} mails wait, the oldest since {oldest.created_at:%Y-%m-%d %H:%M} UTC: {reason}",
            # It may still have the .env of before.
            "See `mail` and `worker` above; if both are well: systemctl restart clinic-worker",
        )
    return "none waits long"


def late_leads(now):
    """Patients who wait too long are trouble for cron as well, though staff owe the answer and not a machine:

    it is the one sign, seen from here, that the site's mails to the centre arrive where nobody reads them.
    """
    if late := reports.late_count(facts.current(), now=now):
        # Not the whole lead: the doctor speaks also when a key is missing that would read it.
        oldest = Lead.objects.open().order_by("waiting_since").values_list("created_at", flat=True).first()
        raise Trouble(
            f"waiting longer than the centre promises: {late}, the oldest since {oldest:%Y-%m-%d %H:%M} UTC",
            f"Ask the centre to open {settings.SITE_URL}/admin/, and whether anybody reads the mails to STAFF_INBOX.",
        )
    return "every patient has an answer in time, or still has time"


def backup(now):
    made = backups.all_in(settings.VAR_DIR / "backups")
    if not made or now.timestamp() - made[-1].stat().st_mtime > DAILY_IS_LATE.total_seconds():
        raise Trouble(
            f"the newest is {made[-1].name}" if made else "there is none",
            "Run: clinic backup, then systemctl status clinic-backup.timer",
        )
    return made[-1].name


def owner(now):
    owners = get_user_model().objects.filter(is_active=True, is_staff=True, groups__name=OWNER)
    if owners.filter(totpdevice__confirmed=True).exists():
        return "can sign in"
    if owners.exists():
        raise Trouble(
            "no account with this role has a phone yet", f"Sign in at {settings.SITE_URL}/admin/: it connects the phone"
        )
    raise Trouble("no account with this role", "Run: clinic make_staff NAME --role owner")


CHECKS: list[Callable[[datetime], str]] = [
    database,
    disk,
    private_files,
    old_copies,
    keys,
    address,
    identity,
    static_files,
    worker,
    daily_jobs,
    date,
    mail,
    undelivered_mail,
    late_leads,
    backup,
    owner,
]
