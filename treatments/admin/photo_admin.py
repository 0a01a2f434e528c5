"""The photographs in the admin."""

import json

from django import forms
from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.http import JsonResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from js_asset import Script

from clinic.editing.content_admin import ContentAdmin
from treatments.images import read_photo, widths_of
from treatments.models import Photo

UPLOAD = {
    "sending": _("The photograph is being sent."),
    "preparing": _("The photograph is being prepared in all its sizes."),
    "kept": _("The file is still chosen: correct what is wrong, then save again."),
    "failed": _("Nothing was saved. If you were signed out, sign in again in another tab; then save here once more."),
}


class UploadInput(forms.FileInput):
    """A choice of file that tells static/js/photo-upload.js its words."""

    def get_context(self, name, value, attrs):
        words = json.dumps(UPLOAD, cls=DjangoJSONEncoder)
        return super().get_context(name, value, (attrs or {}) | {"data-upload": words})


class PhotoForm(forms.ModelForm):
    """The form of a photograph: anything wrong with the file is an error of the form."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "JPEG, PNG, WebP or AVIF, at most 20 MB. What is transparent becomes white. "
            "Nobody may be recognised in it without written consent."
        ),
        widget=UploadInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
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

    class Media:
        js = [Script("js/photo-upload.js", defer=True)]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sections__page", "portrays")

    def may_have_draft(self, photo):
        return False

    @admin.display(description=_("photograph"))
    def picture(self, photo):
        if not photo.name:
            return "-"
        small = photo.file(widths_of(photo.width)[0], "webp")
        return format_html('<img src="{}" alt="" width="160">', default_storage.url(small))

    @admin.display(description=_("used in"))
    def used_in(self, photo):
        return ", ".join(map(str, [*(part.page for part in photo.sections.all()), *photo.portrays.all()])) or "-"

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

    def recreated(self, photo):
        photo.take_files_back()

    def save_model(self, request, obj, form, change):
        if picture := form.cleaned_data.get("file"):
            obj.save_picture(picture)
            if picture.info["broken_profile"]:
                messages.warning(
                    request, gettext("We cannot use the colour profile of this file: compare its colours.")
                )
        else:
            super().save_model(request, obj, form, change)
