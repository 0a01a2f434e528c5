"""The pages on which staff keep their own second factor: the phone, the passkeys, the recovery codes."""

from contextlib import nullcontext
from functools import wraps

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, RemoveWebAuthnView
from django.contrib import admin
from django.shortcuts import redirect
from django.urls import path, reverse_lazy

from clinic.staff import forms
from clinic.staff.record import Event, record
from clinic.staff.second_factor import account_lock, end_sessions, is_passed, is_set_up

YOUR_SIGN_IN = reverse_lazy("mfa_index")


class RecordedView:
    """A change of one's own second factor: written down, and every other browser is signed out."""

    event: Event

    def form_valid(self, form):
        response = super().form_valid(form)
        end_sessions(self.request, self.request.user, keep_own=True)
        record(self.event, self.request.user, actor=self.request.user)
        return response


class ConnectPhoneView(RecordedView, ActivateTOTPView):
    form_class, event = forms.PhoneForm, Event.FACTOR_ADDED

    def dispatch(self, request, *args, **kwargs):
        types = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
        if request.method == "POST" and types >= {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}:
            # Sent a second time by a password manager.
            return redirect("mfa_view_recovery_codes")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        phone = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        # The code is used now, and this session has passed the factor that it set up.
        phone.wrap().validate_code(form.cleaned_data["code"])
        post_authentication(self.request, phone)
        return response


class DisconnectPhoneView(RecordedView, DeactivateTOTPView):
    event, success_url = Event.FACTOR_REMOVED, reverse_lazy("mfa_activate_totp")


class RecoveryCodesView(RecordedView, GenerateRecoveryCodesView):
    event = Event.CODES_MADE


class AddPasskeyView(RecordedView, AddWebAuthnView):
    event = Event.FACTOR_ADDED


class RemovePasskeyView(RecordedView, RemoveWebAuthnView):
    event, success_url = Event.FACTOR_REMOVED, YOUR_SIGN_IN


def own_pages_only(view):
    """Open `view` to the one who has passed the second factor of the account, or to an account that has none yet."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        with account_lock(request.user) if request.method == "POST" else nullcontext():
            user = request.user
            if user.is_authenticated and (is_passed(request) or not is_set_up(user)):
                return view(request, *args, **kwargs)
            return admin.site.login(request)

    return guarded


PAGES = {
    "": ("mfa_index", IndexView.as_view()),
    "setup/": ("mfa_activate_totp", ConnectPhoneView.as_view()),
    "disable/": ("mfa_deactivate_totp", DisconnectPhoneView.as_view()),
    "backup/tokens/": ("mfa_view_recovery_codes", ViewRecoveryCodesView.as_view()),
    "backup/tokens/new/": ("mfa_generate_recovery_codes", RecoveryCodesView.as_view()),
    "passkeys/add/": ("mfa_add_webauthn", AddPasskeyView.as_view()),
    "passkeys/<int:pk>/": ("mfa_edit_webauthn", EditWebAuthnView.as_view(success_url=YOUR_SIGN_IN)),
    "passkeys/<int:pk>/remove/": ("mfa_remove_webauthn", RemovePasskeyView.as_view()),
}
urlpatterns = [path(f"two_factor/{route}", own_pages_only(view), name=name) for route, (name, view) in PAGES.items()]
