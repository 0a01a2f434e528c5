"""Where editors keep the pages: words per language, sections, questions, sources, and a look before publishing."""

from django.contrib import admin
from django.db import models
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline

from clinic.models import ContentVersion
from treatments import views
from treatments.models import LANGUAGES, Faq, Page, Section, Source


class SectionInline(TranslationStackedInline):
    model = Section
    extra = 0


class FaqInline(TranslationStackedInline):
    model = Faq
    extra = 0


class SourceInline(admin.TabularInline):
    model = Source
    extra = 0
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Page)
class PageAdmin(TranslationAdmin):
    list_display = ["title", "kind", "published_at", "next_review", "previews"]
    list_filter = ["kind"]
    search_fields = ["title_it", "title_en"]
    inlines = [SectionInline, FaqInline, SourceInline]
    readonly_fields = ["previews"]

    def get_urls(self):
        preview = self.admin_site.admin_view(views.preview)
        return [
            path("<int:pk>/preview/<str:language>/", preview, name="treatments_page_preview"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request, obj=None):
        fixed = ["kind", "slug_it", "slug_en"] if obj and obj.is_public(timezone.now()) else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    @admin.display(description=_("see the page"))
    def previews(self, page):
        if page.pk is None:
            return "-"
        written = [language for language in LANGUAGES if page.is_written_in(language)]
        links = [(reverse("admin:treatments_page_preview", args=[page.pk, language]), language) for language in written]
        return format_html_join(" ", '<a href="{0}" target="_blank" lang="{1}">{1}</a>', links)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        ContentVersion.bump()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        ContentVersion.bump()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        ContentVersion.bump()

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = with_nonce(context["media"], request)
        return super().render_change_form(request, context, *args, **kwargs)


def with_nonce(media, request):
    return media
