"""The form by which patients write to the centre: under every page, on its own page and after the self-check."""

from datetime import datetime

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core import signing
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contacts.intake import spam
from contacts.models import Consent
from contacts.privacy import consents
from questionnaire import tokens
from questionnaire.rules import Answers

MESSAGE_LENGTH = 4000
SOURCE_SEAL = signing.Signer(salt="contacts.source")


def seal_source(path: str) -> str:
    """Return the hidden `source` of a form on the page at `path`: what a visitor writes there is never stored."""
    return SOURCE_SEAL.sign(path)


class ContactForm(forms.Form):
    """A request to be contacted.

    After the self-check (`self_check` holds the sealed answers) the message may stay empty.
    """

    email = forms.EmailField(
        label=_("Your email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Write your email address, so that we can answer you."),
            "invalid": _("Write a whole email address, for example name@example.com."),
            "max_length": _("Please shorten the email address to %(limit_value)d characters."),
        },
    )
    name = forms.CharField(
        label=_("Your name (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("Please shorten the name to %(limit_value)d characters.")},
    )
    message = forms.CharField(
        label=_("Your message"),
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What would you like to know? Please leave out your medical history: there will be time for it."),
        error_messages={
            "required": _("Write a short message."),
            "max_length": _("Please shorten the message to %(limit_value)d characters (it has %(show_value)d)."),
        },
    )
    attach_answers = forms.BooleanField(label=_("Attach my three answers"), required=False)
    consent = forms.BooleanField(
        error_messages={"required": _("We need your consent to keep your data and answer you.")}
    )
    consent_version = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    self_check = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    # The page on which the form stood, from seal_source.
    source = forms.CharField(max_length=300, required=False)
    # A trap for robots: hidden from people, named like nothing a browser fills in.
    second_opinion = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", auto_id="contact_%s", **kwargs)
        self.fields["consent"].label = consents.label(get_language())
        # A browser would silently cut a pasted text at this length: the server says it in words instead.
        del self.fields["message"].widget.attrs["maxlength"]
        after_self_check = bool(self.data.get("self_check") or self.initial.get("self_check"))
        if after_self_check:
            self.fields["message"].required = False
            self.fields["message"].label = _("Your message (optional)")
        self.initial.setdefault("consent_version", consents.CURRENT)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "email",
            "name",
            "message",
            *(["attach_answers"] if after_self_check else []),
            Div(Field("second_opinion"), css_class="trap", aria_hidden="true"),
            "consent",
            "consent_version",
            "self_check",
        )

    def clean_consent_version(self):
        version = self.cleaned_data["consent_version"]
        if version not in consents.TEXTS:
            # The page was old or changed on the way: show the words of today and ask again.
            self.data = self.data.copy()
            self.data["consent_version"] = consents.CURRENT
            self.data.pop("consent", None)
            self.add_error("consent", _("The wording of the consent has changed: please read it and tick again."))
        return version

    def clean_email(self):
        # Spellings without end of one mailbox, which nobody writes by hand: "anna"@..., "\anna"@..., anna@[192.0.2.1].
        if (email := self.cleaned_data["email"]).startswith('"') or email.endswith("]"):
            raise forms.ValidationError(self.fields["email"].error_messages["invalid"], code="invalid")
        return email

    def clean_source(self):
        try:
            return SOURCE_SEAL.unsign(self.cleaned_data["source"])
        except signing.BadSignature:
            return ""

    def clean(self):
        for name in self.fields:
            if hasattr(self.data, "getlist") and len(set(self.data.getlist(name))) > 1:
                self.add_error(name, _("Two different values arrived: please write one."))

    def attached_answers(self, *, now: datetime) -> tuple[Answers | None, bool]:
        """Return (answers or None, whether the patient wanted them attached but their seal was broken)."""
        if not self.cleaned_data["attach_answers"]:
            return None, False
        try:
            return tokens.read_token(self.cleaned_data["self_check"], now=now), False
        except tokens.InvalidToken:
            return None, True

    def request(self) -> dict:
        """Return what a valid form says, as intake.receive takes it."""
        data = self.cleaned_data
        return {
            "email": data["email"],
            "name": data["name"],
            "message": data["message"],
            "consent_version": data["consent_version"],
            "source_page": data["source"],
            "form": Consent.Form.SELF_CHECK if data["self_check"] else Consent.Form.CONTACT,
            "is_suspected": spam.is_suspected(trap=data["second_opinion"], name=data["name"], message=data["message"]),
        }
