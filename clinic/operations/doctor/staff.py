"""Checks of what only people can do: say who runs the site, answer patients, sign in as owner."""

from django.conf import settings
from django.contrib.auth import get_user_model

from clinic.facts import facts
from clinic.operations.doctor.problem import Problem
from clinic.staff.roles import OWNER
from contacts.inbox import reports
from contacts.models import Lead


def identity(now):
    """The site of a centre must say who runs it (D.Lgs. 70/2003 art. 7)."""
    if settings.HTTPS and (gaps := facts.current().identity_gaps()):
        raise Problem(
            f"the site is not lawful yet, it lacks: {', '.join(gaps)}",
            f"Ask an editor to fill them in: {settings.SITE_URL}/admin/clinic/clinicprofile/",
        )
    return "the site says who runs it, or is not on the internet yet"


def late_leads(now):
    """Late leads are reported to the operator as well as to staff.

    They are the only sign, seen from the server, that nobody reads the mails to the centre.
    """
    if late := reports.late_count(facts.current(), now=now):
        # Not the whole lead: the doctor also runs when the key that decrypts it is missing.
        oldest = Lead.objects.open().order_by("waiting_since").values_list("waiting_since", flat=True).first()
        raise Problem(
            f"waiting longer than the centre promises: {late}, the oldest since {oldest:%Y-%m-%d %H:%M} UTC",
            f"Ask the centre to open {settings.SITE_URL}/admin/ and to check the mailbox of STAFF_INBOX.",
        )
    return "every patient has an answer in time, or still has time"


def owner(now):
    owners = get_user_model().objects.filter(is_active=True, is_staff=True, groups__name=OWNER)
    if owners.filter(authenticator__type__in=["totp", "webauthn"]).exists():
        return "can sign in"
    if owners.exists():
        raise Problem(
            "no account with this role has a phone yet",
            f"Sign in at {settings.SITE_URL}/admin/: the first sign-in connects the phone",
        )
    raise Problem("no account with this role", "Run: clinic make_staff NAME --role owner")
