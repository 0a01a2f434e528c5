"""Declares every field of contacts.models: personal or not, purpose, storage, retention."""

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clinic.personal_data import Personal, Stored

WITH_THE_REQUEST = format_lazy(
    _("{days} days after our last contact ({suspected} if it looks like spam), or until you withdraw your request"),
    days=settings.KEEP_LEAD_DAYS["closed"],
    suspected=settings.KEEP_LEAD_DAYS["suspected"],
)
PROOF = format_lazy(
    _("as long as your request, then {years} years without anything that could identify you"),
    years=settings.KEEP_CONSENT_YEARS,
)
ACCESSES = format_lazy(_("{days} days"), days=settings.KEEP_ACCESS_DAYS)
ONE_HOUR = _("one hour")

PERSONAL_FIELDS = [
    Personal(
        "contacts.Lead: email",
        what=_("your email address"),
        why=_("to answer you"),
        kept=WITH_THE_REQUEST,
        stored=Stored.ENCRYPTED,
    ),
    Personal(
        "contacts.Lead: name",
        what=_("your name, if you give it"),
        why=_("to address you by name"),
        kept=WITH_THE_REQUEST,
        stored=Stored.ENCRYPTED,
    ),
    Personal(
        "contacts.Lead: phone",
        what=_("your phone number, if you give it"),
        why=_("to call you, or to reach you if our email does not arrive"),
        kept=WITH_THE_REQUEST,
        stored=Stored.ENCRYPTED,
    ),
    Personal(
        "contacts.Lead: message",
        what=_("your message"),
        why=_("to understand what you ask and answer it"),
        kept=WITH_THE_REQUEST,
        stored=Stored.ENCRYPTED,
    ),
    Personal(
        "contacts.Lead: answers",
        what=_("your three answers, only if you attach them"),
        why=_("to prepare the answer to you"),
        kept=WITH_THE_REQUEST,
        stored=Stored.ENCRYPTED,
    ),
    Personal(
        "contacts.Lead: outcome",
        what=_("the suggestion they led to, only if you attach them"),
        why=_("to prepare the answer to you"),
        kept=WITH_THE_REQUEST,
    ),
    Personal(
        "contacts.LeadNote: text",
        what=_("our staff's notes about your request, and the replies they sent you from this site"),
        why=_("so that the colleague who answers you knows what was said"),
        kept=WITH_THE_REQUEST,
        stored=Stored.ENCRYPTED,
    ),
    Personal(
        """
        contacts.Lead: id reference created_at language source_page
        contacts.LeadNote: lead created_at
        """,
        what=_("the reference of your request, its day and time, its language and the page you wrote from"),
        why=_("to find your request and answer it in your language"),
        kept=WITH_THE_REQUEST,
    ),
    Personal(
        """
        contacts.Lead: status owner our_turn_since waiting_since last_contact_at keep_until keep_reason
        contacts.LeadNote: author
        """,
        what=_("how far your request has got and which of our staff is dealing with it"),
        why=_("so that no request is forgotten, and none is kept too long"),
        kept=WITH_THE_REQUEST,
    ),
    Personal(
        """
        contacts.OutboxEmail: lead kind note before inbox recipient message_id created_at due_at claimed_until
            attempts last_error failing_since sent_at
        contacts.Lead: address_refused
        """,
        what=_("whether the emails about your request were sent, without their text"),
        why=_("to send each of them once, and to notice when one does not arrive"),
        kept=WITH_THE_REQUEST,
    ),
    Personal(
        "contacts.Lead: email_digest fingerprint",
        what=_("two codes computed from your address and your request, from which neither can be read"),
        why=_("to find your requests when you ask for them, and to store only once a request that is sent twice"),
        kept=WITH_THE_REQUEST,
        stored=Stored.HASHED,
    ),
    Personal(
        "contacts.Consent: lead purpose version language text form given_at withdrawn_at erased_at",
        what=_("your consent: its words and language, when you gave it and when you withdrew it"),
        why=_("to prove that it was given, also for legal defence"),
        kept=PROOF,
    ),
    Personal(
        "contacts.AccessEntry: actor action reference given_to answered_with erased_lead at",
        what=_("which of our staff opened, changed, copied or erased a request, by its reference, and when"),
        why=_("to protect your data and to show who used it"),
        kept=ACCESSES,
    ),
    Personal(
        "contacts.Arrival: source fingerprint at",
        what=_("two codes computed from your internet address and your request, different each day; they show neither"),
        why=_("to stop automatic programs from flooding us with requests"),
        kept=ONE_HOUR,
        stored=Stored.HASHED,
    ),
]

NOT_PERSONAL = """
    contacts.Lead: version
    contacts.SavedReply: title body position
    contacts.WorkerHeartbeat: name at locked_until date_held
"""
