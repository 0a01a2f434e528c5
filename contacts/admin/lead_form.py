"""The form with which staff edit a lead; what was typed is kept when a colleague saved first."""

from datetime import date, timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.templatetags.days import in_words
from contacts.models import Lead

Status = Lead.Status
MAX_KEEP = timedelta(days=5 * 366)
# Shorter than any retention, which starts again when the wait does.
MAX_WAIT = timedelta(days=90)


def day_field(label, **options) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, **options)


class LeadForm(forms.Form):
    """A note, the owner, a longer retention, a day to wait for; `version` is that of the lead that the screen showed.

    A button `wait` waits for the patient until its own day, or, when it has none, until the one in `wait_until`.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note for colleagues"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    owner: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Who takes care of it"),
        queryset=None,
        required=False,
        empty_label=_("nobody yet"),
        show_hidden_initial=True,
    )
    wait = forms.DateField(required=False)
    wait_until = day_field(_("Another day"))
    keep_until = day_field(_("Keep until"), show_hidden_initial=True)
    keep_reason = forms.ChoiceField(
        label=_("Because"), choices=[("", "-"), *Lead.KeepReason.choices], required=False, show_hidden_initial=True
    )
    FIELDS = ("owner", "keep_until", "keep_reason")

    def __init__(self, lead: Lead, data=None):
        initial = {name: getattr(lead, name) for name in ("version", *self.FIELDS)}
        super().__init__(data, initial=initial, label_suffix="")
        self.status = lead.status
        may_answer = Q(groups__permissions__codename="change_lead") | Q(is_superuser=True)
        colleagues = get_user_model().objects.filter(may_answer & Q(is_active=True) | Q(pk=lead.owner_id))
        self.fields["owner"].queryset = colleagues.distinct().order_by("username")  # type: ignore[attr-defined]

    def clean(self):
        data = super().clean()
        if "wait" in self.data and not self.waits_until():
            tomorrow = timezone.localdate() + timedelta(days=1)
            limits = {"first": in_words(tomorrow), "last": in_words(timezone.localdate() + MAX_WAIT)}
            self.add_error("wait_until", _("Choose a day from %(first)s to %(last)s.") % limits)
        if data.get("keep_until") and not data.get("keep_reason"):
            self.add_error("keep_reason", _("To keep a lead longer, say why."))
        if data.get("keep_until") and data["keep_until"] > timezone.localdate() + MAX_KEEP:
            self.add_error("keep_until", _("Five years from today at most."))
        new_status = self.data.get("to") or self.status
        if new_status == Status.SUSPECTED and data.get("owner") and "owner" in self.changed_data:
            self.add_error("owner", _("Nobody takes care of spam: leave this empty, or say that it is not spam."))
        return data

    def waits_until(self) -> date | None:
        """Return the day until which to wait for the patient; None without such a button, or if the day is wrong."""
        day = (self.cleaned_data.get("wait") or self.cleaned_data.get("wait_until")) if "wait" in self.data else None
        return day if day and timezone.localdate() < day <= timezone.localdate() + MAX_WAIT else None

    def changes(self) -> dict:
        """Return the fields that were changed on this screen; the others keep what a colleague saved."""
        return {name: self.cleaned_data[name] for name in self.FIELDS if name in self.changed_data}

    def rebased(self, lead: Lead) -> "LeadForm":
        """Return this form for the current `lead`: changed fields keep what was typed, the others show its values."""
        current = {name: str(LeadForm(lead)[name].value() or "") for name in self.FIELDS}
        typed = {
            name: self.data.get(name, "") for name in ("note", "wait_until", *self.FIELDS) if name in self.changed_data
        }
        initial = {f"initial-{name}": value for name, value in current.items()}
        return LeadForm(lead, {"version": lead.version} | current | initial | typed)
