"""The people who wrote to the centre: their leads, notes and mails still to send."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.encryption.fields import EncryptedJSONField, EncryptedTextField
from contacts.models.ledgers import AccessEntry, Consent
from questionnaire.models import Outcome

__all__ = ["AccessEntry", "Consent", "Lead", "LeadNote", "OutboxEmail", "SavedReply", "WorkerHeartbeat"]


class LeadQuerySet(models.QuerySet):
    def open(self):
        """Return the leads that still need the centre."""
        return self.filter(waiting_since__isnull=False)


class Lead(models.Model):
    """One request from one person; what is personal is encrypted, its name everywhere is the reference."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        IN_PROGRESS = "progress", _("In progress")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")
        SUSPECTED = "suspected", _("Suspected spam")

    class KeepReason(models.TextChoices):
        """Why a lead is kept longer: a choice, so that nothing about the person is written in clear."""

        VISIT = "visit", _("an appointment is planned")
        ASKED = "asked", _("the person asked us to")
        CLAIM = "claim", _("a complaint or a legal claim is open")

    OPEN = (Status.NEW, Status.IN_PROGRESS)

    # Random, so that a list of erased ids says nothing about anyone.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=7, unique=True, editable=False)
    # The same request sent twice is one lead: a keyed hash of its content and the day (contacts.intake.receive).
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("received"), editable=False)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, editable=False)
    source_page = models.CharField(_("source page"), max_length=200, blank=True, editable=False)

    email = EncryptedTextField(_("email"), editable=False)
    email_digest = models.CharField(max_length=64, db_index=True, editable=False)
    name = EncryptedTextField(_("name"), blank=True, editable=False)
    message = EncryptedTextField(_("message"), blank=True, editable=False)
    # Only when the patient ticked "attach my three answers"; outcome likewise.
    answers = EncryptedJSONField(_("answers"), null=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.KEYS, blank=True, editable=False)

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    # Only while the lead is open: an index on it finds the few open ones among any number, oldest first.
    waiting_since = models.GeneratedField(
        expression=Case(When(status__in=["new", "progress"], then="created_at")),
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
    # Grows with every staff save: a second save of an older version is told, never written over.
    version = models.PositiveIntegerField(default=0, editable=False)

    # Set by contacts.inbox.reports: whether it has waited longer than the centre promises.
    is_late: bool

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["status", "created_at", "id"], name="lead_inbox"),
            models.Index(fields=["waiting_since", "id"], name="lead_waiting"),
            models.Index(fields=["created_at", "id"], name="lead_arrival"),
            models.Index(fields=["status", "last_contact_at"], name="lead_retention"),
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
        # Django's own history stores this text: it must name nobody.
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class LeadNote(models.Model):
    """What a colleague wrote down about a lead."""

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


class SavedReply(models.Model):
    """A text that staff begin an answer with (contacts.inbox.replies)."""

    title = models.CharField(_("title"), max_length=60)
    body = models.TextField(_("text"), help_text=_("Others may read an email: no word about anyone's health."))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("saved answer")
        verbose_name_plural = _("saved answers")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title


class OutboxEmail(models.Model):
    """A mail still to be sent, or sent: no address and no text, both are made from the lead when it leaves."""

    class Kind(models.TextChoices):
        STAFF = "staff", _("to the centre")
        PATIENT = "patient", _("to the patient")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="emails")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("created"))
    due_at = models.DateTimeField(_("next attempt"))
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    failing_since = models.DateTimeField(_("undelivered since"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("outgoing email")
        verbose_name_plural = _("outgoing emails")
        ordering = ["due_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["lead", "kind"], name="outboxemail_one_of_a_kind_a_lead")]
        indexes = [models.Index(fields=["due_at"], condition=Q(sent_at__isnull=True), name="outboxemail_waiting")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"


class WorkerHeartbeat(models.Model):
    """When a worker was last alive, and when each daily job was last done (contacts.jobs)."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    # A worker is at it, or failed and waits, until then.
    busy_until = models.DateTimeField(null=True)

    def __str__(self):
        return self.name


class Arrival(models.Model):
    """That a request arrived from a source in the last hour: the source is a keyed hash that changes every day."""

    source = models.CharField(max_length=64)
    # The request's fingerprint.
    mark = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["source", "at"], name="arrival_source")]

    def __str__(self):
        return str(self.pk)
