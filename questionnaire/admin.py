"""The wording of the self-check and its daily counts in the admin; the rule is code."""

from django.contrib import admin
from django.db import models
from django.forms import Textarea
from django.shortcuts import render
from django.utils import timezone, translation

from clinic.editing.content_admin import ContentAdmin
from questionnaire.models import DailyTally, Meaning, Outcome, Question
from questionnaire.rules import OutcomeKey, Situation
from questionnaire.views import outcome_context


class WordingAdmin(ContentAdmin):
    """Rows with fixed keys: their wording can change, none can be added or deleted."""

    ordering = ["pk"]  # as patients meet them
    formfield_overrides = {models.CharField: {"widget": Textarea(attrs={"rows": 2})}}

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Question)
class QuestionAdmin(WordingAdmin):
    list_display = ["__str__", "text"]


class PreviewedAdmin(WordingAdmin):
    """Wording of the outcome page, with buttons that show the page with the wording in the form, without saving it."""

    has_preview = True

    def preview_page(self, request, row, language):
        with translation.override(language):
            return render(request, "questionnaire/outcome.html", self.preview_context(row))


@admin.register(Outcome)
class OutcomeAdmin(PreviewedAdmin):
    list_display = ["__str__", "text"]

    def preview_context(self, outcome):
        situation = Situation.NONE if outcome.key == OutcomeKey.REASSURE else Situation.PATCHES
        return outcome_context(situation.example, now=timezone.now()) | {"outcome": outcome}


@admin.register(Meaning)
class MeaningAdmin(PreviewedAdmin):
    list_display = ["__str__", "heading"]

    def preview_context(self, meaning):
        return outcome_context(Situation(meaning.key).example, now=timezone.now()) | {"meaning": meaning}


@admin.register(DailyTally)
class DailyTallyAdmin(admin.ModelAdmin):
    """Read-only counts."""

    list_display = ["day", "outcome", "count"]
    sortable_by: list[str] = []

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
