"""What is kept about sign-ins: a record that the owner reads, and the counts that lock out who guesses."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignInEntry(models.Model):
    """Who signed in or out, was refused, or changed an account, and when: append-only, without any address."""

    class Event(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGNED_OUT = "signed_out", _("signed out")
        REFUSED = "refused", _("refused: wrong password or code")
        LOCKED_OUT = "locked_out", _("refused: too many wrong attempts")
        PASSWORD_CHANGED = "password", _("password changed")
        FACTOR_ADDED = "added", _("phone or passkey added")
        FACTOR_REMOVED = "removed", _("phone or passkey removed")
        FACTOR_RESET = "reset", _("second factor reset")
        CODES_MADE = "codes", _("new recovery codes")
        INVITED = "invited", _("invitation link made")
        MADE = "made", _("account made")
        DEACTIVATED = "inactive", _("account deactivated")
        ACTIVATED = "active", _("account activated")

    REFUSALS = (Event.REFUSED, Event.LOCKED_OUT)
    NOT_CHANGES = (*REFUSALS, Event.SIGNED_IN, Event.SIGNED_OUT)

    at = models.DateTimeField(_("when"), db_index=True)
    event = models.CharField(_("what"), max_length=10, choices=Event)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("account")
    )
    # Of a name that no account has: a keyed hash, since passwords get typed into that field by mistake.
    name_digest = models.CharField(_("unknown name, as a code"), max_length=64, blank=True)
    # Empty when nobody was signed in: a refusal, or a command on the server.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by whom")
    )

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("record of sign-ins")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.get_event_display()

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("SignInEntry is append-only.")
        super().save(*args, **kwargs)


class SharedCache(models.Model):
    """The table of Django's DatabaseCache: wrong attempts and used codes, counted for all processes and machines."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.cache_key
