"""The fields of the self-check that are translated; none may be missing in a language."""

from modeltranslation.translator import TranslationOptions, register

from questionnaire.models import Outcome, Question


@register(Question)
class QuestionTranslation(TranslationOptions):
    fields = ("text", "hint")
    required_languages = {"it": ("text",), "en": ("text",)}
    empty_values = ""


@register(Outcome)
class OutcomeTranslation(TranslationOptions):
    fields = ("heading", "text", "meaning", "safety_net", "family_note")
    required_languages = dict.fromkeys(("it", "en"), ("heading", "text", "meaning", "safety_net"))
    empty_values = ""
