"""The forms in which staff write pages and photographs."""

import json
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from treatments.images import read_photo
from treatments.photos import Photo

ISO_MINUTES = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A moment in the site's time, to the minute, with the browser's own picker."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput({"type": "datetime-local"}, ISO_MINUTES)
        super().__init__(**kwargs | {"widget": widget})

    def to_python(self, value):
        """Return the first of the two moments that an hour means when the clocks go back."""
        try:
            return super().to_python(value)
        except ValidationError:
            moment = parse_datetime(value.strip())
            if moment is None or not is_ambiguous(moment):
                raise
            return moment.replace(tzinfo=timezone.get_current_timezone())

    def has_changed(self, initial, data):
        """The form shows no seconds, nor which of two moments it was: what reads alike is unchanged."""
        return self.widget.format_value(self.prepare_value(initial)) != (data or None)


def is_ambiguous(moment: datetime) -> bool:
    """Return whether `moment`, without a time zone, is an hour that the clocks show twice."""
    once, again = (moment.replace(tzinfo=timezone.get_current_timezone(), fold=fold) for fold in (0, 1))
    return once.timestamp() < again.timestamp()


class PageForm(forms.ModelForm):
    def clean_published_at(self):
        """Keep a moment that was not changed as it is, to the second."""
        if "published_at" in self.changed_data:
            return self.cleaned_data["published_at"]
        return self.initial.get("published_at")


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
