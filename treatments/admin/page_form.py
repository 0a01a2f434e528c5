"""The form of a page in the admin, with moments in local time."""

from datetime import datetime

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

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
    class Meta:
        labels = {
            f"slug_{language}": format_lazy("{} [{}]", _("address of the page (in the link)"), language)
            for language, _name in settings.LANGUAGES
        }

    def clean_published_at(self):
        """Keep a moment that was not changed as it is, to the second."""
        if "published_at" in self.changed_data:
            return self.cleaned_data["published_at"]
        return self.initial.get("published_at")
