"""The information pages in Italian and English, edited by staff."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from treatments.models.drawings import Drawing
from treatments.models.parts import Faq, Section, Source
from treatments.models.photos import Photo
from treatments.prose import prose

__all__ = ["LANGUAGES", "Faq", "Page", "Photo", "Section", "Source"]
LANGUAGES = ("it", "en")
# Condition and information pages are at the language root, beside these addresses.
RESERVED_SLUGS = frozenset(
    """trattamenti treatments notizie news questionario questionnaire contatti contact privacy accessibilita
    accessibility admin static media sitemap robots feed it en""".split()
)


class PageQuerySet(models.QuerySet):
    def written_in(self, language):
        # "> ''" is false for NULL as well; a language that is not written has either.
        has_address = Q(**{f"slug_{language}__gt": ""}) | Q(kind__in=Page.SINGLE)
        return self.filter(has_address, **{f"title_{language}__gt": "", f"in_short_{language}__gt": ""})

    def public(self, language=None):
        """Return the pages that visitors may read now in `language` (by default the active one)."""
        return self.written_in(language or get_language()).filter(published_at__lte=timezone.now())

    def for_cards(self):
        """Return the pages that a page links to as cards: all but the home page, and of the news the newest three."""
        newest = self.filter(kind=Page.Kind.NEWS).values("pk")[:3]
        return self.filter(~Q(kind__in=[Page.Kind.HOME, Page.Kind.NEWS]) | Q(pk__in=newest)).defer("in_short")


class Page(models.Model):
    """One information page; it exists in a language only if its title, slug and text exist in it."""

    class Kind(models.TextChoices):
        HOME = "home", _("Home")
        OVERVIEW = "overview", _("Treatments overview")
        TREATMENT = "treatment", _("Treatment")
        CONDITION = "condition", _("Condition")
        INFORMATION = "information", _("Information")
        NEWS = "news", _("News")

    # One page of each of these kinds exists, at a fixed address.
    SINGLE = (Kind.HOME, Kind.OVERVIEW)
    # At the language root, where their addresses must differ.
    AT_ROOT = (Kind.CONDITION, Kind.INFORMATION)

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    title = models.CharField(_("title"), max_length=120)
    slug = models.SlugField(_("address"), max_length=80, blank=True, help_text=_("Fixed once the page is published."))
    summary = models.CharField(
        _("summary"), max_length=160, blank=True, help_text=_("One sentence for search engines, cards and lists.")
    )
    drawing = models.CharField(
        _("drawing of the card"),
        max_length=12,
        choices=Drawing,
        blank=True,
        help_text=_("On cards, above news and in the picture that is shared."),
    )
    in_short = prose(_("in short"), blank=True, help_text=_("The box at the top of the page."))
    published_at = models.DateTimeField(
        _("published from"), null=True, blank=True, help_text=_("Empty: a draft. In the future: appears by itself.")
    )
    names_medicine = models.BooleanField(
        _("names a medicine on prescription"),
        default=False,
        help_text=_(
            "The page then has no form and no button to write or call: such medicines may not be advertised to the "
            "public (D.Lgs. 219/2006 art. 115)."
        ),
    )
    author = models.CharField(_("author"), max_length=120, blank=True)
    reviewed_by = models.CharField(_("reviewed by"), max_length=120, blank=True)
    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)
    next_review = models.DateField(_("next review"), null=True, blank=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["kind", "-published_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind__in=["home", "overview"]), name="page_home_and_overview_are_single"
            ),
            *(
                models.UniqueConstraint(
                    fields=["kind", f"slug_{language}"],
                    condition=~Q(**{f"slug_{language}": ""}),
                    name=f"page_{language}_address_is_unique",
                    violation_error_message=_("Another page of this kind has this address."),
                )
                for language in LANGUAGES
            ),
            *(
                models.UniqueConstraint(
                    fields=[f"slug_{language}"],
                    condition=Q(kind__in=["condition", "information"]) & ~Q(**{f"slug_{language}": ""}),
                    name=f"page_{language}_root_address_is_unique",
                    violation_error_message=_("Another page has this address."),
                )
                for language in LANGUAGES
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by="") | Q(reviewed_on__isnull=False),
                name="page_review_has_a_date",
                violation_error_message=_("A review needs its date."),
            ),
        ]

    def __str__(self):
        if self.title:
            return self.title
        others = [f"{title} ({language})" for language in LANGUAGES if (title := getattr(self, f"title_{language}"))]
        return others[0] if others else gettext("page without a title")

    def get_absolute_url(self):
        return self.address(get_language())

    def clean(self):
        for language in LANGUAGES:
            slug = getattr(self, f"slug_{language}") or ""
            if self.kind in self.AT_ROOT and slug in RESERVED_SLUGS:
                raise ValidationError({f"slug_{language}": _("This address belongs to another part of the site.")})
            if self.kind not in self.SINGLE and getattr(self, f"title_{language}") and not slug:
                raise ValidationError(
                    {f"slug_{language}": _("A page needs an address in each language it is written in.")}
                )

    def missing_in(self, language: str) -> list[str]:
        """Return the labels of what the page needs to be shown in `language` and has not."""
        fields = ["title", "in_short"] + ([] if self.kind in self.SINGLE else ["slug"])
        missing = [field for field in fields if not getattr(self, f"{field}_{language}")]
        return [str(field.verbose_name) for field in self._meta.fields if field.name in missing]

    def is_written_in(self, language: str) -> bool:
        return not self.missing_in(language)

    def is_written(self) -> bool:
        """Return whether visitors can be shown the page in any language."""
        return any(self.is_written_in(language) for language in LANGUAGES)

    def parts_missing_in(self, language: str) -> int:
        """Return how many sections and questions are not fully written in `language`."""
        fields = [(part, ("heading", "body")) for part in self.sections.all()]
        fields += [(part, ("question", "answer")) for part in self.faqs.all()]
        return sum(not all(getattr(part, f"{name}_{language}") for name in names) for part, names in fields)

    def is_public(self, now) -> bool:
        return self.published_at is not None and self.published_at <= now

    def written_sections(self) -> list[Section]:
        """Return the sections written in the active language; of equal figures only the first is shown."""
        sections = [section for section in self.sections.select_related("photo") if section.heading and section.body]
        figures: set[str] = set()
        for section in sections:
            section.shown_figure = "" if section.figure in figures else section.figure
            figures.add(section.figure)
        return sections

    def written_faqs(self) -> list[Faq]:
        """Return the frequent questions written in the active language."""
        return [faq for faq in self.faqs.all() if faq.question and faq.answer]

    def address(self, language: str) -> str:
        """Return the page's path in `language`."""
        with override(language):
            slug = getattr(self, f"slug_{language}")
            if self.kind == self.Kind.HOME:
                return reverse("treatments:home")
            if self.kind == self.Kind.OVERVIEW:
                return reverse("treatments:overview")
            name = "root_page" if self.kind in self.AT_ROOT else self.kind
            return reverse(f"treatments:{name}", args=[slug])

    def alternates(self) -> dict[str, str]:
        """Return {language: path} for the languages this page is written in."""
        return {language: self.address(language) for language in LANGUAGES if self.is_written_in(language)}
