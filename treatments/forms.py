"""The form in which staff add a photograph or put another in its place."""

from django import forms
from django.utils.translation import gettext_lazy as _

from treatments.images import read_photo
from treatments.photos import Photo


class PhotoForm(forms.ModelForm):
    """The file is read here, so that whatever is wrong with it is an error of the form."""

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
