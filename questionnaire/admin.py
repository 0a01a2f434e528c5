"""Where editors change the words of the self-check; its rule is code."""

from django.contrib import admin
from modeltranslation.admin import TranslationAdmin

from clinic.models import ContentVersion
from questionnaire.models import DailyTally, Meaning, Outcome, Question


class WordsAdmin(TranslationAdmin):
    """Rows with fixed keys: their words can change, they cannot come or go."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        ContentVersion.bump()


@admin.register(Question)
class QuestionAdmin(WordsAdmin):
    list_display = ["__str__", "text"]


@admin.register(Outcome)
class OutcomeAdmin(WordsAdmin):
    list_display = ["__str__", "text"]


@admin.register(Meaning)
class MeaningAdmin(WordsAdmin):
    list_display = ["__str__", "heading"]


@admin.register(DailyTally)
class DailyTallyAdmin(admin.ModelAdmin):
    """Counts to look at, not to change."""

    list_display = ["day", "outcome", "count"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
