"""The form by which patients write to the centre: under every page, on its own page and after the self-check."""

from datetime import datetime

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core import signing
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contacts.addresses import AddressField
from contacts.intake.receive import NewRequest
from contacts.models import Consent
from contacts.phones import PhoneField
from contacts.privacy import consents
from questionnaire import tokens
from questionnaire.rules import Answers

MESSAGE_LENGTH = 4000
# Lets frame.css tell whether a field is filled in (:placeholder-shown).
TYPED = {"placeholder": " ", "dir": "auto"}
SOURCE_SIGNER = signing.Signer(salt="contacts.source")


def sign_source(path: str) -> str:
    """Return the signed value of the hidden field `source` for a form on the page at `path`."""
    return SOURCE_SIGNER.sign(path)


class MessageField(forms.CharField):
    """A text in which a line break counts as one character: browsers send two."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class ContactForm(forms.Form):
    """A request to be contacted.

    After the self-check (`self_check` holds the encrypted answers) the message is optional.
    """

    email = AddressField(
        label=_("Your email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "placeholder": " "}),
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
        widget=forms.TextInput(attrs={"autocomplete": "name", **TYPED}),
        error_messages={"max_length": _("Please shorten the name to %(limit_value)d characters.")},
    )
    phone = PhoneField(
        label=_("Your phone number (optional)"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", **TYPED}),
        error_messages={"max_length": _("Please shorten the phone number to %(limit_value)d characters.")},
    )
    message = MessageField(
        label=_("Your message"),
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, **TYPED}),
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
    # The page that showed the form, from sign_source: an unsigned value is never stored.
    source = forms.CharField(max_length=300, required=False)
    # A honeypot: hidden from people, with a name that no browser fills in.
    second_opinion = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", auto_id="contact_%s", **kwargs)
        self.fields["consent"].label = consents.label(get_language())
        # With maxlength a browser silently truncates a pasted text; the server reports an error instead.
        del self.fields["message"].widget.attrs["maxlength"]
        after_self_check = bool(self.data.get("self_check") or self.initial.get("self_check"))
        if after_self_check:
            self.fields["message"].required = False
            self.fields["message"].label = _("Your message (optional)")
        self.initial.setdefault("consent_version", consents.CURRENT)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.field_template = "contacts/_field.html"
        optional = Div("name", "phone", "message", template="contacts/_optional.html")
        optional.is_open = any(self[name].value() for name in optional.fields)
        self.helper.layout = Layout(
            "email",
            *([optional] if after_self_check else optional.fields),
            *(["attach_answers"] if after_self_check else []),
            Div(Field("second_opinion"), css_class="trap", aria_hidden="true"),
            "consent",
            "consent_version",
            "self_check",
        )

    def renew_token(self, token):
        """Put a new token into the form, which is shown again together with the answers."""
        self.initial["self_check"] = token
        if self.is_bound:
            self.data = self.data.copy()
            self.data["self_check"] = token

    def clean_consent_version(self):
        version = self.cleaned_data["consent_version"]
        if version not in consents.TEXTS:
            # The page was old, or the value was changed: show the current text and ask again.
            self.data = self.data.copy()
            self.data["consent_version"] = consents.CURRENT
            self.data.pop("consent", None)
            self.add_error("consent", _("The wording of the consent has changed: please read it and tick again."))
        return version

    def clean_source(self):
        try:
            return SOURCE_SIGNER.unsign(self.cleaned_data["source"])
        except signing.BadSignature:
            return ""

    def clean(self):
        for name in self.fields:
            if hasattr(self.data, "getlist") and len(set(self.data.getlist(name))) > 1:
                self.add_error(name, _("Two different values arrived: please write one."))

    def new_request(self, *, source: str, now: datetime) -> NewRequest:
        """Return what a valid form holds; `answers` is None if the patient did not attach them, or they expired."""
        data = self.cleaned_data
        return NewRequest(
            email=data["email"],
            name=data["name"],
            phone=data["phone"],
            message=data["message"],
            answers=self.attached_answers(now=now) if data["attach_answers"] else None,
            language=get_language(),
            source_page=data["source"],
            form=Consent.Form.SELF_CHECK if data["self_check"] else Consent.Form.CONTACT,
            consent_version=data["consent_version"],
            honeypot=data["second_opinion"],
            source=source,
        )

    def attached_answers(self, *, now: datetime) -> Answers | None:
        try:
            return tokens.read_token(self.cleaned_data["self_check"], now=now)
        except tokens.InvalidToken:
            return None
