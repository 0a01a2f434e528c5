"""Which words of a page have an Italian and an English form."""

from modeltranslation.translator import TranslationOptions, register

from treatments.models import Faq, Page, Photo, Professional, Section, Source


@register(Page)
class PageTranslation(TranslationOptions):
    fields = ("title", "slug", "summary", "in_short")
    # An English form may wait; the Italian one may not.
    required_languages = ("it",)
    empty_values = ""


@register(Section)
class SectionTranslation(TranslationOptions):
    fields = ("anchor", "nav", "heading", "body")
    required_languages = ()
    empty_values = ""


@register(Faq)
class FaqTranslation(TranslationOptions):
    fields = ("question", "answer")
    required_languages = ()
    empty_values = ""


@register(Photo)
class PhotoTranslation(TranslationOptions):
    fields = ("alt",)
    required_languages = ("it", "en")
    empty_values = ""


@register(Source)
class SourceTranslation(TranslationOptions):
    fields = ("note",)
    required_languages = ()
    empty_values = ""


@register(Professional)
class ProfessionalTranslation(TranslationOptions):
    fields = ("name", "title", "languages", "words")
    required_languages = ("it",)
    empty_values = ""
