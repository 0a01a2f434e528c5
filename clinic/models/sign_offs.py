"""What only a person can confirm about the site, with the name and the day: listed on the desk until it is done."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignOff(models.Model):
    """One confirmation; some sentences of the privacy notice appear only after theirs."""

    class Kind(models.TextChoices):
        QUALIFICATION = "qualification", _("the questionnaire is no medical device: qualification note (MDR) read")
        DPIA = "dpia", _("the data protection impact assessment (DPIA) is made")
        NOTICE = "notice", _("counsel has read the privacy notice")
        PROCESSORS = "processors", _("contracts with the processors are signed, and no data leave the EEA")
        MAILBOX = "mailbox", _("emails with patients are deleted from the mailbox together with the request")

    kind = models.CharField(_("what is confirmed"), max_length=14, choices=Kind, unique=True)
    name = models.CharField(_("by whom"), max_length=120)
    signed_on = models.DateField(_("on"))

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        ordering = ["kind"]

    def __str__(self):
        return str(self.get_kind_display())

    @classmethod
    def missing(cls) -> list[str]:
        """Return what nobody has confirmed yet."""
        done = set(cls.objects.values_list("kind", flat=True))
        return [str(label) for kind, label in cls.Kind.choices if kind not in done]
