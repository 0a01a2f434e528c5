"""The clinic's facts that are translated (django-modeltranslation)."""

from modeltranslation.translator import TranslationOptions, register

from clinic.models import ClinicProfile, Closure, Professional


@register(ClinicProfile)
class ClinicProfileTranslation(TranslationOptions):
    fields = ("name", "directions")


@register(Closure)
class ClosureTranslation(TranslationOptions):
    fields = ("reason",)


@register(Professional)
class ProfessionalTranslation(TranslationOptions):
    fields = Professional.TRANSLATED
    required_languages = ("it",)
    empty_values = ""
