"""A moment in a form, in the site's time."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import get_language

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


def day_and_hour(moment: datetime) -> tuple[str, str]:
    """Return the date and the time of `moment`, as the site writes them."""
    local = timezone.localtime(moment)
    day = date_format(local, "j F Y")
    # Django capitalises Italian months.
    return day.lower() if get_language() == "it" else day, date_format(local, "TIME_FORMAT")
