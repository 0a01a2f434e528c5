"""The people of the centre: what is empty is hidden on the site and listed on the desk."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Professional(models.Model):
    """One person who works at the centre, with the title and enrolment that the public register shows."""

    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The first is named beside the form to write to the centre.")
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("With the form of address: dott.ssa Anna Rossi."))
    title = models.CharField(
        _("title, as in the Order's register"),
        max_length=160,
        blank=True,
        help_text=_("Specialist only with the diploma of that name."),
    )
    medical_order = models.CharField(_("Medical Order"), max_length=80, blank=True)
    order_number = models.CharField(_("enrolment number"), max_length=20, blank=True)
    languages = models.CharField(_("languages spoken"), max_length=120, blank=True)
    words = models.TextField(_("in their own words"), max_length=600, blank=True)
    portrait = models.ForeignKey(
        "treatments.Photo",
        models.SET_NULL,
        related_name="portrays",
        null=True,
        blank=True,
        verbose_name=_("portrait"),
    )

    TRANSLATED = ("name", "title", "languages", "words")

    class Meta:
        verbose_name = _("person of the centre")
        verbose_name_plural = _("people of the centre")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name or self.name_it or ""

    def missing(self) -> list[str]:
        """Return the names of the facts that staff have still to fill in, in every language."""
        columns = {name: [f"{name}_it", f"{name}_en"] for name in self.TRANSLATED}
        columns |= {name: [name] for name in ("medical_order", "order_number")} | {"portrait": ["portrait_id"]}
        gaps = [name for name, own in columns.items() if not all(getattr(self, column) for column in own)]
        names = {field.name: str(field.verbose_name) for field in self._meta.fields}
        return [names[name] for name in gaps]
