"""The emails that the site sends, and the texts with which staff begin their replies."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.leads import Lead, LeadNote


class OutboxEmail(models.Model):
    """An email to send, or sent; it stores no address and no text: both come from the lead when it is sent."""

    class Kind(models.TextChoices):
        STAFF = "staff", _("to the centre")
        PATIENT = "patient", _("to the patient")
        REPLY = "reply", _("reply")
        HANDOVER = "handover", _("to a colleague")

    # Every lead has one of each.
    AUTOMATIC = (Kind.STAFF, Kind.PATIENT)
    TO_PATIENT = (Kind.PATIENT, Kind.REPLY)

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="emails")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    # Of a reply: its text; and, until it is sent, how its leads were before (contacts.inbox.correspondence).
    note = models.OneToOneField(LeadNote, models.CASCADE, null=True, related_name="email")
    before = models.JSONField(null=True)
    # Of an email to a colleague.
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    # Of an email to the centre: which address of STAFF_INBOX, from 0.
    inbox = models.PositiveSmallIntegerField(default=0)
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
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "kind", "inbox"],
                condition=Q(kind__in=["staff", "patient"]),
                name="outboxemail_one_of_a_kind_an_inbox",
            ),
            models.CheckConstraint(
                condition=(Q(kind="reply") & Q(note__isnull=False)) | (~Q(kind="reply") & Q(note__isnull=True)),
                name="outboxemail_a_reply_has_its_text",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(sent_at__isnull=True), name="outboxemail_waiting")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"

    @classmethod
    def queue(cls, lead: Lead, *, now: datetime) -> None:
        """Queue the email to the centre and the one to the patient, each once (call inside a transaction)."""
        cls.objects.bulk_create(
            (cls(lead=lead, kind=kind, created_at=now, due_at=now) for kind in cls.AUTOMATIC), ignore_conflicts=True
        )

    def queue_for_other_inboxes(self, count: int, *, now: datetime) -> None:
        """Queue this email for each of `count` addresses of the centre, each once (call inside a transaction)."""
        OutboxEmail.objects.bulk_create(
            (
                OutboxEmail(lead_id=self.lead_id, kind=self.kind, inbox=inbox, created_at=self.created_at, due_at=now)
                for inbox in range(1, count)
            ),
            ignore_conflicts=True,
        )


class SavedReply(models.Model):
    """A text with which staff begin an answer (contacts.inbox.replies)."""

    title = models.CharField(_("title"), max_length=60)
    body = models.TextField(
        _("text"),
        help_text=_(
            "Without greeting and signature: both are added, the greeting with the person's name. Others may read an "
            "email: no word about anyone's health."
        ),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("saved answer")
        verbose_name_plural = _("saved answers")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title
