"""The forms on the page of a lead; what was typed is kept when a colleague saved first."""

from datetime import date, timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.templatetags.days import in_words
from contacts.addresses import AddressField
from contacts.intake.forms import MessageField
from contacts.models import Lead, LeadNote

Status = Lead.Status
MAX_KEEP = timedelta(days=5 * 366)
# Shorter than any retention, which starts again when the wait does.
MAX_WAIT = timedelta(days=90)


def day_field(label, **options) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, **options)


class VersionForm(forms.Form):
    """A form that carries the version of the lead that the screen showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def rebased(self, lead):
        """Return this form for the current `lead`, with what was typed."""
        self.data = self.data.copy()
        self.data["version"] = lead.version
        return self


class LeadForm(VersionForm):
    """A note, the owner, a longer retention, a day to wait for.

    A button `wait` waits for the patient until its own day, or, when it has none, until the one in `wait_until`.
    """

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

    def __init__(self, lead: Lead, data=None, note: str = ""):
        initial = {name: getattr(lead, name) for name in ("version", *self.FIELDS)} | {"note": note}
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


class ReplyForm(VersionForm):
    """A reply to the patient, and which of the person's other open leads it answers."""

    text = MessageField(
        label=_("Text"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 12, "dir": "auto"}),
        error_messages={"required": _("Write the reply.")},
    )
    also: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=_("The reply also answers"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, lead: Lead, data=None, text: str = ""):
        same_person = Lead.objects.filter(email_digest=lead.email_digest).exclude(pk=lead.pk)
        self.others = list(same_person.open().order_by("created_at")[:20])
        initial = {"version": lead.version, "text": text, "also": [other.pk for other in self.others]}
        super().__init__(data, initial=initial, label_suffix="", auto_id="reply_%s")
        self.fields["text"].widget.attrs["lang"] = lead.language
        # One that a colleague has answered meanwhile may still be ticked.
        self.fields["also"].queryset = same_person  # type: ignore[attr-defined]


class AddressForm(VersionForm):
    """The address of the patient, corrected after an email came back."""

    # Not of type email: a browser would refuse what is pasted before it can be cleaned.
    email = AddressField(
        label=_("Corrected address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        error_messages={"required": _("Write the corrected address.")},
    )

    def __init__(self, lead: Lead, data=None):
        super().__init__(data, initial={"version": lead.version}, label_suffix="", auto_id="address_%s")


class NoteForm(VersionForm):
    """A note, to be corrected or removed."""

    text = forms.CharField(
        label=_("Note for colleagues"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Write the note, or remove it.")},
    )

    def __init__(self, lead: Lead, note: LeadNote, data=None):
        initial = {"version": lead.version, "text": note.text}
        super().__init__(data, initial=initial, label_suffix="", auto_id=f"note_{note.pk}_%s")
        self.note = note
