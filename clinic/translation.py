"""Which of the clinic's facts have an Italian and an English form."""

from modeltranslation.translator import TranslationOptions, register

from clinic.models import ClinicProfile, Closure


@register(ClinicProfile)
class ClinicProfileTranslation(TranslationOptions):
    fields = ("name", "directions")


@register(Closure)
class ClosureTranslation(TranslationOptions):
    fields = ("reason",)
