"""The clinic's facts, edited by staff; empty ones are hidden on the site and listed on the desk."""

from collections.abc import Sequence, Set
from math import ceil
from typing import ClassVar, NamedTuple

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models.people import Professional
from clinic.models.revisions import columns


class Step(NamedTuple):
    """A part of the facts that staff fill in at once, and the names of what is missing in it."""

    key: str
    label: str
    missing: list[str]


class ClinicProfile(models.Model):
    """The facts that the clinic fills in: one row, every field may be empty."""

    name = models.CharField(_("name of the centre"), max_length=120, blank=True)
    legal_name = models.CharField(_("legal name and form"), max_length=160, blank=True)
    street = models.CharField(_("street and number"), max_length=160, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True, default="Milano")
    directions = models.TextField(_("how to reach the centre"), blank=True)
    phone = models.CharField(
        _("phone"),
        max_length=30,
        blank=True,
        validators=[RegexValidator(r"^\+?[0-9][0-9 ]{4,}$", _("Write digits and spaces, for example +39 02 1234567."))],
    )
    email = models.EmailField(_("email"), blank=True)
    certified_email = models.EmailField(_("certified email (PEC)"), blank=True)
    vat_number = models.CharField(
        _("VAT number (P.IVA)"),
        max_length=11,
        blank=True,
        validators=[RegexValidator(r"^\d{11}$", _("Eleven digits."))],
    )
    company_register = models.CharField(_("company register, REA, share capital"), max_length=200, blank=True)
    health_director = models.CharField(_("health director: name and titles"), max_length=200, blank=True)
    health_authorisation = models.CharField(_("health authorisation"), max_length=200, blank=True)
    data_protection_officer = models.CharField(_("data protection officer, if any"), max_length=200, blank=True)
    processors = models.CharField(
        _("companies that host the site and handle its email"),
        max_length=300,
        blank=True,
        help_text=_("Named in the privacy notice; each needs a contract (GDPR Art. 28)."),
    )
    answer_within_hours = models.PositiveSmallIntegerField(
        _("answer promised within (working hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Shown to patients once it is set. It also decides when a request counts as late "
            "(16 working hours while it is empty)."
        ),
    )

    names_in_lists = models.BooleanField(
        _("names and first words in the lists of leads"),
        default=True,
        help_text=_("Switched off, a list shows only references: nobody who passes by the screen reads a name."),
    )

    # Set by clinic.facts.
    hours: Sequence["OpeningHours"] = ()
    closed_days: Sequence["Closure"] = ()
    people: Sequence[Professional] = ()
    signed_off: Set[str] = frozenset()

    # The steps and their fields; the hours are rows of their own.
    STEPS: ClassVar = {
        "find": (_("Finding the centre"), "name street postal_code city directions phone email"),
        "hours": (_("Opening hours"), ""),
        "law": (
            _("What the law asks"),
            "legal_name certified_email vat_number company_register health_director health_authorisation",
        ),
        "privacy": (_("Privacy"), "data_protection_officer processors"),
        "promise": (_("The promise to answer"), "answer_within_hours names_in_lists"),
    }
    # A centre may have none of these: they are not listed as missing.
    OPTIONAL_FACTS = ("company_register", "certified_email", "data_protection_officer")

    class Meta:
        verbose_name = verbose_name_plural = _("clinic facts")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="clinicprofile_is_one_row")]

    def __str__(self):
        return str(self._meta.verbose_name)

    @property
    def display_name(self) -> str:
        """The name of the centre, or a description until it is filled in."""
        return self.name or gettext("Dr. Marina Fantato's vitiligo centre")

    @property
    def phone_link(self) -> str:
        """The phone number for a tel: URL."""
        return self.phone.replace(" ", "")

    @property
    def answer_within_days(self) -> int | None:
        """`answer_within_hours` in working days of eight hours, for patients; None if no time is promised."""
        return self.answer_within_hours and ceil(self.answer_within_hours / 8)

    def identity_gaps(self) -> list[str]:
        """Return what the law wants on every site of a centre and is not filled in (D.Lgs. 70/2003 art. 7)."""
        names = {field.name: str(field.verbose_name) for field in self._meta.fields}
        gaps = [names[name] for name in ("legal_name", "street", "vat_number") if not getattr(self, name)]
        if not (self.phone or self.email or self.certified_email):
            gaps.append(gettext("a phone number or an email address"))
        return gaps

    def steps(self) -> list[Step]:
        """Return the steps, each with the names of its facts that are empty in any language."""
        empty = [column for column in columns(type(self)) if getattr(self, column.attname) in ("", None)]
        asked = {getattr(column, "translated_field", column).name for column in empty} - {*self.OPTIONAL_FACTS}
        labels = {field.name: str(field.verbose_name) for field in self._meta.fields}
        no_hours = [] if self.hours else [str(OpeningHours._meta.verbose_name)]
        return [
            Step(key, str(label), [labels[name] for name in names.split() if name in asked] if names else no_hours)
            for key, (label, names) in self.STEPS.items()
        ]

    def missing_facts(self) -> list[str]:
        """Return the names of all facts that are missing."""
        return [fact for step in self.steps() for fact in step.missing]


class OpeningHours(models.Model):
    """A period of an ordinary week in which the centre is open, in Rome time."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    profile = models.ForeignKey(ClinicProfile, models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="openinghours_close_after_they_open",
                violation_error_message=_("Closing time must be after opening time."),
            )
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class Closure(models.Model):
    """Days on which the centre is closed, besides weekends and public holidays."""

    profile = models.ForeignKey(ClinicProfile, models.CASCADE, related_name="closures")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason, as patients read it"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="closure_ends_after_it_begins",
                violation_error_message=_("The last day cannot be before the first."),
            )
        ]

    def __str__(self):
        return f"{self.first_day:%d/%m/%Y}-{self.last_day:%d/%m/%Y}"
