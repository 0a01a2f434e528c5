"""The wording of the self-check and its daily counts in the admin; the rule is code."""

from django.contrib import admin
from modeltranslation.admin import TranslationAdmin

from clinic.models import ContentVersion
from questionnaire.models import DailyTally, Meaning, Outcome, Question


class WordingAdmin(TranslationAdmin):
    """Rows with fixed keys: their wording can change, none can be added or deleted."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        ContentVersion.bump()


@admin.register(Question)
class QuestionAdmin(WordingAdmin):
    list_display = ["__str__", "text"]


@admin.register(Outcome)
class OutcomeAdmin(WordingAdmin):
    list_display = ["__str__", "text"]


@admin.register(Meaning)
class MeaningAdmin(WordingAdmin):
    list_display = ["__str__", "heading"]


@admin.register(DailyTally)
class DailyTallyAdmin(admin.ModelAdmin):
    """Read-only counts."""

    list_display = ["day", "outcome", "count"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
