"""What django-allauth asks of this site: the words of its errors, how attempts are counted, how secrets are stored."""

import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.encryption import fields
from clinic.http.client_address import source_address
from clinic.staff.record import Event, record_refusal


def cache_key(key: str, prefix: str, version: int) -> str:
    """Return the key under which the shared cache keeps a value: no name, address or code stands in it in clear."""
    return fields.keyed_digest("cache", key)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in with name and password: five wrong attempts for one account from one source, then a pause."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("This name and this password do not belong together. Capital letters count."),
        "incorrect_password": _("This password is not right. Capital letters count."),
        "too_many_login_attempts": _("Too many wrong codes: try again in 15 minutes."),
        "rate_limited": _("Too many wrong codes: try again in 15 minutes."),
    }

    def get_client_ip(self, request):
        return source_address(request)

    def _get_login_attempts_cache_key(self, request, *, username, **credentials):
        # allauth counts by account alone: anybody who knows a name could then lock a colleague out.
        return f"{source_address(request)} {username.lower()}"

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record_refusal(Event.LOCKED_OUT, credentials["username"])
            raise ImmediateHttpResponse(ratelimit.respond_429(request)) from None

    def authentication_failed(self, request, **credentials):
        record_refusal(Event.REFUSED, credentials["username"])
        attempts = self._get_login_attempts_cache_key(request, **credentials)
        if not ratelimit.consume(request, action="login_failed", key=attempts, dry_run=True):
            raise ImmediateHttpResponse(ratelimit.respond_429(request))

    def is_reauthentication_required(self, **kwargs):
        """Ask for the password again before a second factor changes, unless it was given minutes ago."""
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] > app_settings.REAUTHENTICATION_TIMEOUT


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or was used before: type the one the app shows now."),
    }

    def encrypt(self, text):
        return fields.encrypt(text)

    def decrypt(self, encrypted_text):
        return fields.decrypt(encrypted_text)

    def generate_authenticator_name(self, user, type):
        return gettext("Passkey")
