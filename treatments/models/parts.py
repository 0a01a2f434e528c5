"""The parts of a page: sections, frequent questions and sources, in order."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from treatments.models.photos import Photo
from treatments.prose import prose


class PagePart(models.Model):
    """Base class of the parts: a page and a position on it."""

    page = models.ForeignKey("treatments.Page", models.CASCADE, related_name="%(class)ss", verbose_name=_("page"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    # Set by treatments.views: the text with its citations as links.
    html: str

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


class Section(PagePart):
    """A heading with its text, listed in the page's table of contents."""

    class Figure(models.TextChoices):
        SKIN = "skin", _("Skin and depth of pigment")
        AREAS = "areas", _("Areas of the body")
        SESSIONS = "sessions", _("Sessions and fading")
        COMPARISON = "comparison", _("Treatments side by side")
        VISIT = "visit", _("The first visit")
        PEOPLE = "people", _("The people of the centre")

    anchor = models.SlugField(_("anchor"), max_length=60, help_text=_("The end of the link to this section."))
    nav = models.CharField(_("label in the contents list"), max_length=60, blank=True)
    heading = models.CharField(_("heading"), max_length=120)
    body = prose(_("text"), blank=True)
    figure = models.CharField(_("drawing"), max_length=12, choices=Figure, blank=True)
    photo = models.ForeignKey(
        Photo, models.SET_NULL, related_name="sections", null=True, blank=True, verbose_name=_("photograph")
    )

    # Set by Page.written_sections.
    shown_figure: str

    class Meta(PagePart.Meta):
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def __str__(self):
        return self.heading or self.heading_it or self.heading_en or ""


class Faq(PagePart):
    """A frequent question of patients, with the centre's answer."""

    question = models.CharField(_("question"), max_length=200)
    answer = prose(_("answer"))

    class Meta(PagePart.Meta):
        verbose_name = _("frequent question")
        verbose_name_plural = _("frequent questions")

    def __str__(self):
        return self.question or self.question_it or self.question_en or ""


class Source(PagePart):
    """A publication that a page cites: the same words in both languages, and a note in each."""

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        ITALIAN = "it", _("Italian")

    label = models.CharField(
        _("label in the text"),
        max_length=40,
        blank=True,
        help_text=_("What the text says in brackets, such as (Lahiri 2009): it becomes a numbered link to the source."),
    )
    text = models.CharField(_("citation"), max_length=300)
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(1900), MaxValueValidator(2100)])
    url = models.URLField(
        _("link"), blank=True, validators=[RegexValidator(r"^https://", _("Must begin with https://"))]
    )
    language = models.CharField(_("language of the citation"), max_length=2, choices=Language, default=Language.ENGLISH)
    note = models.CharField(
        _("note"), max_length=120, blank=True, help_text=_("For example: page accessed in 2026. In both languages.")
    )

    class Meta(PagePart.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self):
        return self.text
