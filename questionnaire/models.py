"""The wording of the self-check, edited by staff, and an anonymous count per day; answers are never stored."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from questionnaire.rules import Key, OutcomeKey, Situation


class Question(models.Model):
    """The wording of one of the three questions; the rule fixes which questions there are."""

    KEYS = {Key.DIAGNOSED: _("diagnosed"), Key.FAMILY: _("family"), Key.PATCHES: _("patches")}

    key = models.CharField(_("question"), max_length=10, choices=KEYS, unique=True, editable=False)
    text = models.CharField(_("wording"), max_length=300)
    hint = models.CharField(_("hint"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self):
        return self.get_key_display()


class Outcome(models.Model):
    """The wording of one of the two outcomes; the rule fixes which answers lead to it."""

    KEYS = {OutcomeKey.CONTACT: _("we suggest getting in touch"), OutcomeKey.REASSURE: _("no reason to get in touch")}

    key = models.CharField(_("outcome"), max_length=10, choices=KEYS, unique=True, editable=False)
    text = models.TextField(_("what we suggest"))
    safety_net = models.TextField(_("see a doctor if"), help_text=_("One sign per line. Never empty."))
    urgent_signs = models.TextField(_("see a doctor soon if"), blank=True, help_text=_("One sign per line."))

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        constraints = [
            models.CheckConstraint(
                condition=Q(safety_net_it__isnull=False, safety_net_en__isnull=False)
                & ~Q(safety_net_it="")
                & ~Q(safety_net_en=""),
                name="outcome_has_its_safety_net_in_both_languages",
                violation_error_message=_("An outcome always says when to see a doctor all the same."),
            )
        ]

    def __str__(self):
        return self.get_key_display()


class Meaning(models.Model):
    """The heading and meaning of an outcome for one situation; the outcome holds the clinic's own sentence."""

    KEYS = {
        Situation.DIAGNOSED: _("with a diagnosis"),
        Situation.PATCHES: _("with white patches and no diagnosis"),
        Situation.FAMILY: _("with a relative who has vitiligo, and nothing else"),
        Situation.NONE: _("with three times no"),
    }

    key = models.CharField(_("patient"), max_length=10, choices=KEYS, unique=True, editable=False)
    heading = models.CharField(_("heading"), max_length=160)
    text = models.TextField(_("what it means"))

    class Meta:
        verbose_name = _("meaning of an outcome")
        verbose_name_plural = _("meanings of the outcomes")

    def __str__(self):
        return self.get_key_display()


class DailyTally(models.Model):
    """How many times an outcome was shown on one day: no person, no answer, no time of day."""

    day = models.DateField(_("day"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.KEYS)
    count = models.PositiveIntegerField(_("times shown"), default=0)

    class Meta:
        verbose_name = _("outcomes shown on one day")
        verbose_name_plural = _("outcomes shown, day by day")
        ordering = ["-day", "outcome"]
        constraints = [models.UniqueConstraint(fields=["day", "outcome"], name="dailytally_one_row_a_day_and_outcome")]

    def __str__(self):
        return f"{self.day:%d/%m/%Y} {self.get_outcome_display()}: {self.count}"

    @classmethod
    def add(cls, *, day, outcome) -> None:
        """Add one to the count of `outcome` on `day`."""
        rows = cls.objects.filter(day=day, outcome=outcome)
        if not rows.update(count=F("count") + 1):
            _row, is_new = cls.objects.get_or_create(day=day, outcome=outcome, defaults={"count": 1})
            if not is_new:
                rows.update(count=F("count") + 1)
