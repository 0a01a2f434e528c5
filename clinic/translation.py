"""The clinic's facts that are translated (django-modeltranslation)."""

from modeltranslation.translator import TranslationOptions, register

from clinic.models import ClinicProfile, Closure


@register(ClinicProfile)
class ClinicProfileTranslation(TranslationOptions):
    fields = ("name", "directions", "doctor_title")


@register(Closure)
class ClosureTranslation(TranslationOptions):
    fields = ("reason",)
