"""The photographs in the admin, and the base class of content whose changes show on public pages."""

from django import forms
from django.contrib import admin
from django.core.files.storage import default_storage
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from clinic.admin import BumpsContentVersion
from treatments.images import read_photo, widths_of
from treatments.models import Photo


class ContentAdmin(BumpsContentVersion, TranslationAdmin):
    """The base class of what public pages are made of."""


class PhotoForm(forms.ModelForm):
    """The form of a photograph: anything wrong with the file is an error of the form."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("JPEG, PNG, WebP or AVIF, at most 20 MB. Nobody may be recognised in it without written consent."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
    )

    class Meta:
        model = Photo
        fields = ["alt"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].required = self.instance.pk is None

    def clean_file(self):
        upload = self.cleaned_data["file"]
        return read_photo(upload) if upload else None


@admin.register(Photo)
class PhotoAdmin(ContentAdmin):
    form = PhotoForm
    fields = ["picture", "file", "alt"]
    readonly_fields = ["picture"]
    list_display = ["picture", "alt", "used_in"]
    list_display_links = ["alt"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sections__page", "portrays")

    @admin.display(description=_("photograph"))
    def picture(self, photo):
        if not photo.name:
            return "-"
        small = photo.file(widths_of(photo.width)[0], "webp")
        return format_html('<img src="{}" alt="" width="160">', default_storage.url(small))

    @admin.display(description=_("used in"))
    def used_in(self, photo):
        return ", ".join(map(str, [*(part.page for part in photo.sections.all()), *photo.portrays.all()])) or "-"

    def save_model(self, request, obj, form, change):
        if picture := form.cleaned_data.get("file"):
            obj.save_picture(picture)
        else:
            super().save_model(request, obj, form, change)
