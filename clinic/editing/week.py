"""The week of opening hours in the form of the facts: each day has its times, and a day without times is closed."""

import re
from collections import Counter
from itertools import pairwise, zip_longest

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, HiddenInput, ModelForm, TimeInput
from django.http import QueryDict
from django.utils.translation import gettext as _

from clinic.models import OpeningHours

TIMES = ("opens", "closes")
# Morning and afternoon.
TIMES_A_DAY = 2
COPY_MONDAY = "_copy_monday"


class OpeningHoursForm(ModelForm):
    """One period of a day; its times are both written or both empty."""

    class Meta:
        widgets = {"weekday": HiddenInput} | dict.fromkeys(TIMES, TimeInput({"type": "time"}, "%H:%M"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        day = {str(day.value): day.label for day in OpeningHours.Weekday}.get(day_of(self), "")
        for name in TIMES:
            self.fields[name].required = False
            self.fields[name].label = f"{day}: {OpeningHours._meta.get_field(name).verbose_name}"

    def has_changed(self):
        """The day is fixed: a row without times is empty."""
        return any(name != "weekday" for name in self.changed_data)

    def clean(self):
        """Delete hours whose times were both emptied."""
        empty = [name for name in TIMES if not self[name].data]
        if len(empty) == len(TIMES):
            self.cleaned_data |= {"DELETE": True} | {name: getattr(self.instance, name) for name in TIMES}
        elif empty:
            self.add_error(empty[0], _("Write this time too, or empty both."))
        elif self.cleaned_data.keys() >= set(TIMES) and self.cleaned_data["closes"] <= self.cleaned_data["opens"]:
            self.add_error("closes", _("Closing time must be after opening time."))


class WeekFormSet(BaseInlineFormSet):
    """Seven days with a morning and an afternoon each, and more where there are more."""

    def __init__(self, data=None, *args, **kwargs):
        super().__init__(data, *args, **kwargs)
        if data:
            self.data = with_whole_week(data, self.prefix)
        if data and COPY_MONDAY in data:
            self.data = with_monday_copied(self.data, self.prefix)
        elif not data:
            taken = Counter(hours.weekday for hours in self.get_queryset())
            width = max(TIMES_A_DAY, *taken.values(), 0)
            self.initial_extra = [
                {"weekday": day.value} for day in OpeningHours.Weekday for _each in range(width - taken[day])
            ]
            self.extra = len(self.initial_extra)

    def days(self) -> list:
        """Return (name of the day, its forms) for the seven days."""
        forms = sorted(self.forms, key=lambda form: str(form["opens"].value() or "~"))
        return [(day.label, [form for form in forms if day_of(form) == str(day.value)]) for day in OpeningHours.Weekday]

    def clean(self):
        """Refuse overlapping hours: patients would read two closing times, and working time would count twice."""
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE", True)]
        kept.sort(key=lambda form: (form.instance.weekday, form.instance.opens))
        for earlier, later in pairwise(kept):
            if earlier.instance.weekday == later.instance.weekday and earlier.instance.closes > later.instance.opens:
                message = _("This overlaps with %(other)s: change one of the two, or remove it.")
                later.add_error("opens", message % {"other": earlier.instance})
        if COPY_MONDAY in self.data:
            raise ValidationError(_("Monday's hours are on every weekday now. Nothing was saved yet."))


def day_of(form: ModelForm) -> str:
    """Return the weekday of a bound or unbound row as its hidden field says it."""
    return str(form["weekday"].value())


def with_whole_week(data: QueryDict, prefix: str) -> QueryDict:
    """Return `data` with rows for each day: a draft has none of a closed one."""
    data, total = data.copy(), int(data.get(f"{prefix}-TOTAL_FORMS") or 0)
    taken = Counter(data.get(f"{prefix}-{index}-weekday") for index in range(total))
    for day in OpeningHours.Weekday:
        for _row in range(TIMES_A_DAY - taken[str(day.value)]):
            data[f"{prefix}-{total}-weekday"] = str(day.value)
            total += 1
    data[f"{prefix}-TOTAL_FORMS"] = str(total)
    return data


def with_monday_copied(data: QueryDict, prefix: str) -> QueryDict:
    """Return `data` with the times of Monday on Tuesday to Friday too."""
    data = data.copy()
    days = {name: data[name] for name in data if re.fullmatch(rf"{prefix}-\d+-weekday", name)}
    monday, *weekdays = (
        [name.removesuffix("weekday") for name in days if days[name] == str(day.value)]
        for day in list(OpeningHours.Weekday)[:5]
    )
    total = len(days)
    for weekday, rows in enumerate(weekdays, start=1):
        for row, source in zip_longest(rows, monday):
            if row is None:
                row, total = f"{prefix}-{total}-", total + 1
                data[f"{row}weekday"] = str(weekday)
            for name in TIMES:
                data[row + name] = data.get(source + name, "") if source else ""
    data[f"{prefix}-TOTAL_FORMS"] = str(total)
    return data


class OpeningHoursInline(admin.StackedInline):
    model, form, formset = OpeningHours, OpeningHoursForm, WeekFormSet
    template = "admin/clinic/week.html"
