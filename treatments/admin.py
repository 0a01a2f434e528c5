"""Where editors keep the pages: words per language, sections, questions, sources, and a look before publishing."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.forms import DateInput, Textarea
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from js_asset import Script
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline

from clinic.caching.values import bypass_cache
from clinic.models import ContentVersion
from treatments import views
from treatments.editor import SCRIPTS, with_nonce
from treatments.forms import MomentField, PageForm, PhotoForm
from treatments.images import widths_of
from treatments.models import LANGUAGES, Faq, Page, Photo, Section, Source
from treatments.search import pages_with_words


class SectionInline(TranslationStackedInline):
    model = Section
    extra = 0
    template = "admin/treatments/part_inline.html"
    fields = ["position", "heading", "nav", "anchor", "body", "figure", "photo"]


class FaqInline(TranslationStackedInline):
    model = Faq
    extra = 0
    template = "admin/treatments/part_inline.html"
    fields = ["position", "question", "answer"]


class SourceInline(admin.StackedInline):
    model = Source
    extra = 0
    template = "admin/treatments/part_inline.html"
    fields = ["position", "text", "year", "url"]
    formfield_overrides = {
        models.CharField: {"widget": Textarea(attrs={"rows": 2})},
        models.URLField: {"assume_scheme": "https"},
    }


class ContentAdmin(TranslationAdmin):
    """What changes here changes public pages: their caches must follow."""

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.tell_pages()

    def tell_pages(self):
        ContentVersion.bump()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        self.tell_pages()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        self.tell_pages()


@admin.register(Photo)
class PhotoAdmin(ContentAdmin):
    form = PhotoForm
    fields = ["picture", "file", "alt", "is_portrait"]
    readonly_fields = ["picture"]
    list_display = ["picture", "alt", "is_portrait", "used_in"]
    list_display_links = ["alt"]

    class Media:
        js = [Script("js/photo-upload.js", defer=True)]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sections__page")

    @admin.display(description=_("photograph"))
    def picture(self, photo):
        if not photo.name:
            return "-"
        small = photo.file(widths_of(photo.width)[0], "webp")
        return format_html('<img src="{}" alt="" width="160">', default_storage.url(small))

    @admin.display(description=_("used in"))
    def used_in(self, photo):
        return ", ".join(str(section.page) for section in photo.sections.all()) or "-"

    def changeform_view(self, request, *args, **kwargs):
        """Answer static/js/photo-upload.js, which keeps the page, with what is wrong or the page to go to."""
        response = super().changeform_view(request, *args, **kwargs)
        if request.method == "GET":
            return response
        wants_json = request.headers.get("Accept") == "application/json"
        if response.status_code == 302:
            return JsonResponse({"location": response.url}) if wants_json else response
        form = response.context_data["adminform"].form
        if wants_json:
            return JsonResponse({"errors": form.errors.get_json_data()}, status=422)
        if request.FILES and "file" not in form.errors:
            form.add_error("file", gettext("Choose the file again: your browser did not keep it."))
        return response

    def save_model(self, request, obj, form, change):
        if picture := form.cleaned_data.get("file"):
            obj.save_picture(picture)
            if picture.info["broken_profile"]:
                messages.warning(
                    request, gettext("We cannot use the colour profile of this file: compare its colours.")
                )
        else:
            super().save_model(request, obj, form, change)


@admin.register(Page)
class PageAdmin(ContentAdmin):
    form = PageForm
    list_display = ["title_or_other", "kind", "state", "completeness", "review"]
    list_filter = ["kind"]
    search_fields = ["title_it", "title_en"]
    inlines = [SectionInline, FaqInline, SourceInline]
    # The browser's own pickers: labelled, and in the reader's own time.
    formfield_overrides = {
        models.DateTimeField: {"form_class": MomentField},
        models.DateField: {"widget": DateInput({"type": "date"}, "%Y-%m-%d")},
    }
    fieldsets = [
        (None, {"fields": ["kind", "title", "slug", "summary", "in_short"], "classes": ["languages"]}),
        (_("Publishing"), {"fields": ["published_at"]}),
        (
            _("Author and review"),
            {
                "fields": ["author", "reviewed_by", "reviewed_on", "next_review"],
                "description": _("The page says who reviewed it only when a reviewer is named here."),
            },
        ),
    ]

    class Media:
        js = SCRIPTS
        css = {"all": ["css/page-form.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sections", "faqs")

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

    def get_readonly_fields(self, request, obj=None):
        """Addresses that the world may know stay as they are; one that was empty may still be filled."""
        fixed = super().get_readonly_fields(request, obj)
        if obj and obj.is_public(timezone.now()):
            known = [f"slug_{language}" for language in LANGUAGES if getattr(obj, f"slug_{language}")]
            fixed = [*fixed, "kind", *known]
        return fixed

    def get_fieldsets(self, request, obj=None):
        """What stands at an address of its own is not asked for one."""
        fieldsets = super().get_fieldsets(request, obj)
        if not (obj and obj.kind in Page.SINGLE and obj.is_public(timezone.now())):
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
        words = gettext("public since %s") if page.is_public(timezone.now()) else gettext("public from %s")
        return words % day

    @admin.display(description=_("languages"))
    def completeness(self, page):
        """Say of each language whether it is whole, and link to how the page looks in it."""
        said = []
        for language in LANGUAGES:
            address = reverse("admin:treatments_page_preview", args=[page.pk, language])
            missing = page.parts_missing_in(language)
            note = gettext("parts missing: %d") % missing if missing else ""
            if not page.is_written_in(language):
                note = gettext("not written")
            said.append((address, language, language, f" ({note})" if note else ""))
        return format_html_join(", ", '<a href="{}" hreflang="{}">{}</a>{}', said)

    @admin.display(description=_("next review"), ordering="next_review")
    def review(self, page):
        if page.next_review is None:
            return "-"
        day = date_format(page.next_review, "SHORT_DATE_FORMAT")
        late = page.next_review < timezone.localdate()
        return format_html('<strong class="late">{}</strong>', gettext("due since %s") % day) if late else day

    def preview(self, request, pk, language):
        """Show a page as it was saved, published or not."""
        page = get_object_or_404(Page, pk=pk)
        if not self.has_view_permission(request, page):
            raise PermissionDenied
        if language not in LANGUAGES:
            raise Http404
        return views.preview(request, page, language)

    def save_model(self, request, obj, form, change):
        if "_publish" in request.POST and not obj.is_public(timezone.now()):
            obj.published_at = timezone.now()
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return self.unsaved(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self.unsaved(request, obj) or super().response_change(request, obj)

    def unsaved(self, request, obj):
        """Show the page as the form would leave it, when that was asked, and undo the saving."""
        for language in LANGUAGES:
            if f"_preview_{language}" in request.POST:
                with bypass_cache():
                    response = views.preview(request, Page.objects.get(pk=obj.pk), language)
                transaction.set_rollback(True)
                return response
        return None

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = with_nonce(context["media"], request)
        return super().render_change_form(request, context, *args, **kwargs)
