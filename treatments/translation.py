"""The fields of pages that are translated (django-modeltranslation)."""

from modeltranslation.translator import TranslationOptions, register

from treatments.models import Faq, Page, Photo, Section, Source


@register(Page)
class PageTranslation(TranslationOptions):
    fields = ("title", "slug", "summary", "in_short")
    # A page may be published in Italian before it is written in English.
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
