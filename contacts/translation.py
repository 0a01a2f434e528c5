"""Saved answers have their texts in both languages."""

from modeltranslation.translator import TranslationOptions, register

from contacts.models import SavedReply


@register(SavedReply)
class SavedReplyTranslation(TranslationOptions):
    fields = ("title", "body")
    required_languages = ("it", "en")
    empty_values = ""
