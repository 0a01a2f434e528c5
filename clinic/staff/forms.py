"""The forms of sign-in: names, passwords and codes as people type, paste and dictate them."""

import unicodedata

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

AS_TYPED = {"autocapitalize": "none", "spellcheck": "false"}


class CodeField(forms.CharField):
    """A code of letters and digits; spaces, line breaks, dashes, capitals and full-width digits do not matter."""

    def __init__(self, label):
        attrs = AS_TYPED | {"autocomplete": "one-time-code", "autofocus": True}
        super().__init__(label=label, widget=forms.TextInput(attrs), error_messages={"required": _("Type the code.")})

    def to_python(self, value):
        plain = unicodedata.normalize("NFKC", super().to_python(value)).lower()
        return "".join(character for character in plain if character.isascii() and character.isalnum())


class PasswordForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, name.widget.attrs = _("Name"), AS_TYPED | {"autocomplete": "username", "autofocus": True}
        password.label, password.widget.attrs = _("Password"), {"autocomplete": "current-password"}


class PasswordAgainForm(ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.label = _("Password")
        password.widget.attrs = {"autocomplete": "current-password", "autofocus": True}


class CodeForm(AuthenticateForm):
    code = CodeField(_("Six-digit code from your authenticator app, or one of your recovery codes"))


class PhoneForm(ActivateTOTPForm):
    code = CodeField(_("Six-digit code"))
