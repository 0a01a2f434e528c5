"""The two append-only ledgers: the consents of patients, and the access log of their leads."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def refuse_changes(entry: models.Model) -> None:
    """Raise TypeError if `entry` is already stored: its row stays unchanged until its retention ends."""
    if not entry._state.adding:
        raise TypeError(f"{type(entry).__name__} is append-only.")


class Consent(models.Model):
    """The proof that a consent was given: exact text, language, form and time.

    It stays when its lead is erased: without the lead, and with days (midnight in Rome) instead of times.
    PROTECT: only contacts.privacy.erasure, which first sets `lead` to NULL, can delete a lead.
    """

    class Purpose(models.TextChoices):
        CONTACT = "contact", _("to be contacted about a request")

    class Form(models.TextChoices):
        CONTACT = "contact", _("contact form")
        SELF_CHECK = "self-check", _("after the questionnaire")

    lead = models.OneToOneField("contacts.Lead", models.PROTECT, null=True, related_name="consent", editable=False)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, editable=False)
    version = models.CharField(_("version"), max_length=20, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, editable=False)
    text = models.TextField(_("exact text"), editable=False)
    form = models.CharField(_("form"), max_length=20, choices=Form, editable=False)
    given_at = models.DateTimeField(_("given"), editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    erased_at = models.DateTimeField(_("lead erased"), null=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lead__isnull=False, erased_at__isnull=True) | Q(lead__isnull=True, erased_at__isnull=False),
                name="consent_has_its_lead_or_the_time_of_its_erasure",
            )
        ]

    def __str__(self):
        return f"{self.get_purpose_display()} {self.version}"

    def save(self, *args, **kwargs):
        refuse_changes(self)
        super().save(*args, **kwargs)


class AccessEntry(models.Model):
    """One access: who did what with which lead, and when; it holds nothing personal and has its own retention."""

    class Action(models.TextChoices):
        OPENED = "opened", _("opened")
        TAKEN = "taken", _("taken in hand")
        GIVEN_BACK = "given_back", _("given back")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")
        SPAM = "spam", _("marked as spam")
        NOT_SPAM = "not_spam", _("marked as not spam")
        WAITING = "waiting", _("waiting for the patient")
        UNDONE = "undone", _("last change taken back")
        REPLIED = "replied", _("reply written")
        TAKEN_BACK = "taken_back", _("reply taken back")
        NOTED = "noted", _("note added")
        CORRECTED = "corrected", _("note corrected")
        REMOVED = "removed", _("note removed")
        GIVEN = "given", _("given to a colleague")
        CHANGED = "changed", _("assignment or retention changed")
        RETURNED = "returned", _("address marked as refused")
        READDRESSED = "address", _("address corrected")
        SEARCHED = "searched", _("searched by address")
        EXPORTED = "exported", _("exported")
        ERASED = "erased", _("erased")
        WITHDRAWN = "withdrawn", _("withdrawn by the patient")
        EXPIRED = "expired", _("erased at the end of its retention")

    ERASURES = (Action.ERASED, Action.WITHDRAWN, Action.EXPIRED)

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    action = models.CharField(_("action"), max_length=10, choices=Action)
    reference = models.CharField(_("reference"), max_length=7, blank=True, db_index=True)
    # The colleague who was given the lead.
    given_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("to whom")
    )
    # The lead whose reply answered this one too.
    answered_with = models.CharField(_("answered with"), max_length=7, blank=True)
    # A digest of the erased lead's id, which stands in links of mails and in open tabs: set only on the entry of its
    # erasure (contacts.privacy.access_log).
    erased_lead = models.UUIDField(null=True, editable=False)
    at = models.DateTimeField(_("when"), db_index=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["erased_lead"], condition=Q(erased_lead__isnull=False), name="accessentry_erased_lead")
        ]

    def __str__(self):
        return f"{self.get_action_display()} {self.reference}"

    def save(self, *args, **kwargs):
        refuse_changes(self)
        super().save(*args, **kwargs)
