"""The requests of patients: leads, the notes of staff about them, and what the hourly limit counts."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.encryption.fields import EncryptedJSONField, EncryptedTextField
from contacts import phones
from questionnaire.models import Outcome


class LeadQuerySet(models.QuerySet):
    def open(self):
        """Return the leads that wait, for us or for the patient."""
        return self.filter(waiting_since__isnull=False)

    def our_turn(self, *, now):
        """Return the leads that wait for an answer of ours."""
        return self.filter(waiting_since__lte=now)

    def patients_turn(self, *, now):
        """Return the leads that wait for the patient: each comes back to us on the day that was set."""
        return self.filter(waiting_since__gt=now)


class Lead(models.Model):
    """One request from one person: personal fields are encrypted, and the reference is its only visible name."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        IN_PROGRESS = "progress", _("In progress")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")
        SUSPECTED = "suspected", _("Suspected spam")

    class KeepReason(models.TextChoices):
        """Why a lead is kept longer: a choice, so that nothing about the person is stored unencrypted."""

        VISIT = "visit", _("an appointment is planned")
        ASKED = "asked", _("the person asked us to")
        CLAIM = "claim", _("a complaint or a legal claim is open")

    OPEN = (Status.NEW, Status.IN_PROGRESS)
    ENCRYPTED = ("email", "name", "phone", "message", "answers")

    # Random, so that erasures.log identifies nobody.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=7, unique=True, editable=False)
    # Keyed hash of the content and the day: the same request sent twice is one lead (contacts.intake.receive).
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("received"), editable=False)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, editable=False)
    source_page = models.CharField(_("source page"), max_length=200, blank=True, editable=False)

    email = EncryptedTextField(_("email"), editable=False)
    email_digest = models.CharField(max_length=64, db_index=True, editable=False)
    name = EncryptedTextField(_("name"), blank=True, editable=False)
    phone = EncryptedTextField(_("phone"), blank=True, editable=False)
    message = EncryptedTextField(_("message"), blank=True, editable=False)
    # Both are set only when the patient ticked "attach my three answers".
    answers = EncryptedJSONField(_("answers"), null=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.KEYS, blank=True, editable=False)

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    # When it became our turn: received, opened again, or still to come while the lead waits for the patient. None: a
    # colleague has judged that it is spam.
    our_turn_since = models.DateTimeField(_("our turn since"), null=True, editable=False)
    # Set only while the lead is open: its index finds the few open leads among any number, oldest first.
    waiting_since = models.GeneratedField(
        expression=Case(When(status__in=["new", "progress"], then="our_turn_since")),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    # Retention counts from here (contacts.privacy.retention).
    last_contact_at = models.DateTimeField(_("last contact"), editable=False)
    keep_until = models.DateField(_("keep until"), null=True, blank=True)
    keep_reason = models.CharField(_("reason to keep it longer"), max_length=5, choices=KeepReason, blank=True)
    address_refused = models.BooleanField(_("address refused by its mail server"), default=False, editable=False)
    # Incremented by every staff save: a save of an older version is refused (contacts.inbox.casework).
    version = models.PositiveIntegerField(default=0, editable=False)

    # Set by contacts.inbox.reports: whether it has waited longer than the centre promises, and for how long in words;
    # while it waits for the patient, until when.
    is_late: bool
    waited: str
    waits_until: date | None
    # Set by contacts.inbox.casework: what a change can be taken back to.
    before: dict

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["status", "created_at", "id"], name="lead_inbox"),
            models.Index(fields=["waiting_since", "id"], name="lead_waiting"),
            models.Index(fields=["owner", "waiting_since", "id"], name="lead_mine"),
            models.Index(fields=["created_at", "id"], name="lead_arrival"),
            models.Index(fields=["status", "last_contact_at"], name="lead_retention"),
            models.Index(fields=["created_at", "id"], condition=Q(address_refused=True), name="lead_address_refused"),
        ]
        permissions = [("export_lead", _("Can export leads")), ("erase_person", _("Can erase a person"))]
        constraints = [
            # Which status may follow which: contacts.inbox.casework.
            models.CheckConstraint(
                condition=Q(status__in=["new", "progress", "answered", "closed", "suspected"]),
                name="lead_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="suspected") | Q(owner__isnull=True), name="lead_suspected_is_nobodys"
            ),
            # Whatever is not spam stands in one of the views.
            models.CheckConstraint(
                condition=Q(status="suspected") | Q(our_turn_since__isnull=False), name="lead_is_somebodys_turn"
            ),
            models.CheckConstraint(
                condition=Q(answers__isnull=False) | Q(outcome=""), name="lead_has_an_outcome_only_with_answers"
            ),
            models.CheckConstraint(
                condition=Q(keep_until__isnull=True) | ~Q(keep_reason=""),
                name="lead_is_kept_longer_only_for_a_reason",
                violation_error_message=_("To keep a lead longer, write the reason."),
            ),
        ]

    def __str__(self):
        # Django's admin log stores this text: it must not identify a person.
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def phone_link(self) -> str:
        """The phone number for a tel: URL."""
        return phones.link(self.phone)


class LeadNote(models.Model):
    """A note of a colleague about a lead; one that has an `email` is a reply to the patient."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    text = EncryptedTextField(_("note"))
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["created_at", "pk"]

    def __str__(self):
        return f"{self.lead_id}"

    @property
    def is_reply(self) -> bool:
        return hasattr(self, "email")


class Arrival(models.Model):
    """One request from one source within the last hour; the source is a keyed hash that changes every day."""

    source = models.CharField(max_length=64)
    # Of the request: Lead.fingerprint.
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["source", "at"], name="arrival_source")]

    def __str__(self):
        return str(self.pk)
