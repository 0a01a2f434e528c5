"""The parts of a page in its form, in two languages: new ones come last, each section has an anchor of its own."""

import re

from django.db import models
from django.forms import BaseInlineFormSet, Textarea
from django.utils.text import slugify
from django.utils.translation import gettext as _
from modeltranslation.admin import TranslationStackedInline

from treatments.models import LANGUAGES, Faq, Section, Source

# The ids that the page itself has.
RESERVED_ANCHORS = frozenset(
    """main menu in-short contents-title faq sources write write-title questionnaire withdraw pages-title news-title
    error-summary-title not-stored-title contact-form next-step-title""".split()
)
# Those of its numbered sources and of the links to them.
RESERVED_NUMBERS = re.compile(r"(cite|source)-[0-9-]+")
MAX_ANCHOR = 60


class PartFormSet(BaseInlineFormSet):
    def kept(self):
        """Return the forms of parts that will be on the page."""
        forms = [form for form in self.forms if form.instance.pk or form.has_changed()]
        return [form for form in forms if form.is_valid() and form not in self.deleted_forms]

    def clean(self):
        super().clean()
        kept = self.kept()
        last = max((form.instance.position or 0 for form in kept), default=0)
        for form in kept:
            if not form.instance.pk and not form.instance.position:
                last += 1
                form.instance.position = last


class SectionFormSet(PartFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        for language in LANGUAGES:
            anchor = form.fields[f"anchor_{language}"]
            anchor.required, anchor.help_text = False, _("The end of the link. Leave it empty: the heading makes it.")
        form.fields["photo"].choices = self.photos(form)

    def photos(self, form) -> list:
        """Return the choices of photographs, read once for all sections."""
        if not hasattr(self, "_photos"):
            self._photos = [(str(value or ""), label) for value, label in form.fields["photo"].choices]
        return self._photos

    def clean(self):
        super().clean()
        for language in LANGUAGES:
            self.set_anchors(f"anchor_{language}", f"heading_{language}")

    def set_anchors(self, anchor: str, heading: str) -> None:
        """Refuse an anchor that is typed twice or belongs to the page; make missing ones from their headings."""
        taken = set(RESERVED_ANCHORS)
        kept = self.kept()
        for form in (form for form in kept if getattr(form.instance, anchor)):
            typed = getattr(form.instance, anchor)
            if (typed in taken or RESERVED_NUMBERS.fullmatch(typed)) and anchor in form.changed_data:
                form.add_error(anchor, _("This anchor is taken on this page: leave it empty, or choose another."))
            taken.add(typed)
        for form in kept:
            if getattr(form.instance, heading) and not getattr(form.instance, anchor):
                wanted = slugify(getattr(form.instance, heading))[: MAX_ANCHOR - 3] or "sezione"
                numbered = (f"{wanted}-{number}" for number in range(2, 100))
                free = next(
                    each for each in (wanted, *numbered) if each not in taken and not RESERVED_NUMBERS.fullmatch(each)
                )
                setattr(form.instance, anchor, free)
                taken.add(free)


class SectionInline(TranslationStackedInline):
    model, formset = Section, SectionFormSet
    extra = 0
    template = "admin/treatments/part_inline.html"
    fields = ["position", "heading", "nav", "anchor", "body", "figure", "photo"]


class FaqInline(TranslationStackedInline):
    model, formset = Faq, PartFormSet
    extra = 0
    template = "admin/treatments/part_inline.html"
    fields = ["position", "question", "answer"]


class SourceInline(TranslationStackedInline):
    model, formset = Source, PartFormSet
    extra = 0
    template = "admin/treatments/part_inline.html"
    fields = ["position", "label", "text", "year", "url", "language", "note"]
    formfield_overrides = {
        models.CharField: {"widget": Textarea(attrs={"rows": 2})},
        models.URLField: {"assume_scheme": "https"},
    }
