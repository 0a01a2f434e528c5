"""The form in which staff add a photograph or put another in its place."""

import json

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from treatments.images import read_photo
from treatments.photos import Photo

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
    """The file is read here, so that whatever is wrong with it is an error of the form."""

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
        fields = ["alt", "is_portrait"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].required = self.instance.pk is None

    def clean_file(self):
        upload = self.cleaned_data["file"]
        return read_photo(upload) if upload else None
