"""The information pages in the admin: texts per language, sections, questions, sources, preview and publishing."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import DateInput
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.editing.content_admin import ContentAdmin
from clinic.editing.moments import MomentField
from treatments import views
from treatments.admin.editor import PART_ORDER, SCRIPTS, with_nonce
from treatments.admin.page_form import PageForm
from treatments.admin.part_forms import FaqInline, SectionInline, SourceInline
from treatments.admin.photo_admin import PhotoAdmin
from treatments.admin.publication import result_of_saving, words_of_draft
from treatments.admin.search import pages_with_words
from treatments.models import LANGUAGES, Page

__all__ = ["PageAdmin", "PhotoAdmin"]


@admin.register(Page)
class PageAdmin(ContentAdmin):
    form = PageForm
    has_preview = True
    list_display = ["title_or_other", "kind", "state", "completeness", "review"]
    list_filter = ["kind"]
    search_fields = ["title_it", "title_en"]
    inlines = [SectionInline, FaqInline, SourceInline]
    # The browser's own date pickers, in the format of its user.
    formfield_overrides = {
        models.DateTimeField: {"form_class": MomentField},
        models.DateField: {"widget": DateInput({"type": "date"}, "%Y-%m-%d")},
    }
    fieldsets = [
        (None, {"fields": ["kind", "title", "slug", "summary", "drawing", "in_short"], "classes": ["languages"]}),
        (_("Publishing"), {"fields": ["published_at", "names_medicine"]}),
        (
            _("Author and review"),
            {
                "fields": ["author", "reviewed_by", "reviewed_on", "next_review"],
                "description": _("The page says who reviewed it only when a reviewer is named here."),
            },
        ),
    ]

    class Media:
        js = [*SCRIPTS, PART_ORDER]
        css = {"all": ["css/page-form.css"]}

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        changelist.result_list = changelist.result_list.prefetch_related("sections", "faqs")
        return changelist

    def get_search_results(self, request, queryset, search_term):
        return pages_with_words(queryset, search_term), False

    @admin.display(description=_("title"), ordering="title")
    def title_or_other(self, page):
        """Return the title, in the other language where the desk's has none; its language is said."""
        language = next((each for each in LANGUAGES if not page.title and getattr(page, f"title_{each}")), None)
        return format_html('<span lang="{}">{}</span>', language, page) if language else str(page)

    def get_urls(self):
        preview = self.admin_site.admin_view(self.preview)
        return [path("<int:pk>/preview/<str:language>/", preview, name="treatments_page_preview"), *super().get_urls()]

    def get_prepopulated_fields(self, request, obj=None):
        """Make the address of a new page from its title."""
        return {} if obj else {f"slug_{language}": (f"title_{language}",) for language in LANGUAGES}

    def get_object(self, request, object_id, from_field=None):
        """Note what visitors see of the page: a form that was sent changes the object, even if it is not saved."""
        if page := super().get_object(request, object_id, from_field):
            page.was_public = page.is_public(timezone.now())
            page.was_shown_in = [each for each in LANGUAGES if page.was_public and page.is_written_in(each)]
        return page

    def get_readonly_fields(self, request, obj=None):
        """Fix what visitors can know of a public page: its kind, and its address in each language it is shown in."""
        fixed = super().get_readonly_fields(request, obj)
        if obj and obj.was_shown_in:
            fixed = [*fixed, "kind", *(f"slug_{language}" for language in obj.was_shown_in)]
        return fixed

    def get_fieldsets(self, request, obj=None):
        """A public page at a fixed address has no slug to fill in."""
        fieldsets = super().get_fieldsets(request, obj)
        if not (obj and obj.kind in Page.SINGLE and obj.was_public):
            return fieldsets
        slugs = [f"slug_{language}" for language in LANGUAGES]
        return [
            (name, options | {"fields": [field for field in options["fields"] if field not in slugs]})
            for name, options in fieldsets
        ]

    def view_on_site(self, page):
        languages = [language for language in LANGUAGES if page.is_written_in(language)]
        return page.address(languages[0]) if languages and page.is_public(timezone.now()) else None

    @admin.display(description=_("state"), ordering="published_at")
    def state(self, page):
        if page.published_at is None:
            return gettext("draft")
        day = date_format(timezone.localtime(page.published_at), "SHORT_DATE_FORMAT")
        text = gettext("public since %s") if page.is_public(timezone.now()) else gettext("public from %s")
        return text % day

    @admin.display(description=_("languages"))
    def completeness(self, page):
        """List the languages with what is missing in each, linked to the preview."""
        links = []
        for language in LANGUAGES:
            address = reverse("admin:treatments_page_preview", args=[page.pk, language])
            missing = page.parts_missing_in(language)
            note = gettext("parts missing: %d") % missing if missing else ""
            if not page.is_written_in(language):
                note = gettext("not written")
            links.append((address, language, language, f" ({note})" if note else ""))
        return format_html_join(", ", '<a href="{}" hreflang="{}">{}</a>{}', links)

    @admin.display(description=_("next review"), ordering="next_review")
    def review(self, page):
        if page.next_review is None:
            return "-"
        day = date_format(page.next_review, "SHORT_DATE_FORMAT")
        is_due = page.next_review < timezone.localdate()
        return format_html('<strong class="late">{}</strong>', gettext("due since %s") % day) if is_due else day

    def preview(self, request, pk, language):
        """Show a saved page, published or not."""
        page = get_object_or_404(Page, pk=pk)
        if not self.has_view_permission(request, page):
            raise PermissionDenied
        if language not in LANGUAGES:
            raise Http404
        return views.preview(request, page, language)

    def save_model(self, request, obj, form, change):
        if "_publish" in request.POST and obj.is_written() and not obj.is_public(timezone.now()):
            obj.published_at = timezone.now()
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        request.saved = obj
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        request.saved = obj
        return super().response_change(request, obj)

    def message_user(self, request, message, level=messages.INFO, *args, **kwargs):
        """Say what a save did for visitors, in place of Django's "was changed successfully"."""
        if level == messages.SUCCESS and hasattr(request, "saved"):
            message, level = result_of_saving(request.saved, now=timezone.now())
        super().message_user(request, message, level, *args, **kwargs)

    def may_have_draft(self, page):
        return bool(page.was_shown_in)

    def preview_page(self, request, page, language):
        return views.preview(request, Page.objects.get(pk=page.pk), language)

    def words_of_draft(self, page):
        return words_of_draft(page)

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = with_nonce(context["media"], request)
        return super().render_change_form(request, context, *args, **kwargs)
