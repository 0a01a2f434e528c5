"""How staff sign in: password, then a code or a passkey; every page of it is under /admin/account/."""

from contextlib import nullcontext

from allauth.account.internal.stagekit import unstash_login
from allauth.account.views import LoginView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.shortcuts import redirect
from django.urls import path, reverse_lazy
from django.utils.translation import gettext as _

from clinic.staff import forms, second_factor, second_factor_pages
from clinic.staff.record import Event, record

# A password manager that sends a form twice does so within moments.
SENT_TWICE_SECONDS = 30


class CodeView(AuthenticateView):
    """The second step. A code that one browser sends twice leads twice to the one session it opened."""

    form_class = forms.CodeForm

    def dispatch(self, request, *args, **kwargs):
        login = unstash_login(request, peek=True)
        with second_factor.account_lock(login.user) if request.method == "POST" and login else nullcontext():
            return self.sent_before() or super().dispatch(request, *args, **kwargs)

    def sent_before(self):
        """Return the answer to what has opened a session already when it was sent first, else None."""
        key = self.request.method == "POST" and cache.get(self.what_was_sent())
        if not key:
            return None
        self.request.session = SessionStore(key)
        self.request.session.modified = True  # so that the answer sets its cookie
        return redirect(settings.LOGIN_REDIRECT_URL)

    def what_was_sent(self) -> str:
        """Return the browser's session before it signed in, and its code; the cache keeps only a digest of both."""
        answer = self.request.POST.get("code") or self.request.POST.get("credential")
        return f"sent {self.request.COOKIES.get(settings.SESSION_COOKIE_NAME)} {answer}"

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session.save()
        cache.set(self.what_was_sent(), self.request.session.session_key, SENT_TWICE_SECONDS)
        return response

    def form_invalid(self, form):
        is_locked_out = any(form.has_error(name, "too_many_login_attempts") for name in form.fields)
        record(Event.LOCKED_OUT if is_locked_out else Event.REFUSED, self.stage.login.user)
        return super().form_invalid(form)


class InvitationView(PasswordResetConfirmView):
    """Where a colleague chooses a password, by a link that works once and for three days."""

    template_name = "account/invitation.html"
    success_url = reverse_lazy("account_login")

    def get_user(self, uidb64):
        user = super().get_user(uidb64)
        return user if user and user.is_active and user.is_staff else None

    def form_valid(self, form):
        response = super().form_valid(form)
        second_factor.end_sessions(self.request, self.user)
        record(Event.PASSWORD_CHANGED, self.user, actor=self.user)
        messages.success(self.request, _("Your password is saved. Sign in with it."))
        return response


urlpatterns = [
    path("login/", LoginView.as_view(form_class=forms.PasswordForm), name="account_login"),
    path("login/code/", CodeView.as_view(), name="mfa_authenticate"),
    path(
        "login/again/",
        ReauthenticateView.as_view(form_class=forms.PasswordAgainForm),
        name="account_reauthenticate",
    ),
    path("invitation/<uidb64>/<token>/", InvitationView.as_view(), name="invitation"),
    *second_factor_pages.urlpatterns,
]
