"""The fields of the self-check that are translated; none may be missing in a language."""

from modeltranslation.translator import TranslationOptions, register

from questionnaire.models import Meaning, Outcome, Question


@register(Question)
class QuestionTranslation(TranslationOptions):
    fields = ("text", "hint")
    required_languages = {"it": ("text",), "en": ("text",)}
    empty_values = ""


@register(Outcome)
class OutcomeTranslation(TranslationOptions):
    fields = ("text", "safety_net", "urgent_signs")
    required_languages = dict.fromkeys(("it", "en"), ("text", "safety_net"))
    empty_values = ""


@register(Meaning)
class MeaningTranslation(TranslationOptions):
    fields = ("heading", "text")
    required_languages = dict.fromkeys(("it", "en"), ("heading", "text"))
    empty_values = ""
