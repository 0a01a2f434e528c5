"""How staff sign in: password, then a code from their phone; every page of it lives under /admin/account/."""

from django.contrib.auth.forms import AuthenticationForm
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django_otp.forms import OTPAuthenticationFormMixin
from two_factor import views
from two_factor.utils import default_device

from clinic.encryption.fields import keyed_digest
from clinic.staff.accounts import end_sessions, one_at_a_time


class PasswordForm(AuthenticationForm):
    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _("This name and this password do not belong together. Capital letters count."),
    }


# The packages say token for a code, and some of it in English only.
WRONG_CODE = _("This code is not right: type the one the app shows now.")
WRONG_BACKUP_CODE = _("This code is not right, or was used before: type another one.")
CODE_ERRORS = OTPAuthenticationFormMixin.otp_error_messages | {
    "token_required": _("Type the code."),
    "n_failed_attempts": _("Too many attempts: try again in a moment."),
}


class LoginView(views.LoginView):
    """The package's sign-in, with our words for what is wrong with a code, which opens the desk to one."""

    def post(self, *args, **kwargs):
        # The password takes long to compare, and waits for nobody.
        if self.request.POST.get(f"{self.prefix}-current_step") == self.AUTH_STEP or not self.get_user():
            return super().post(*args, **kwargs)
        with one_at_a_time(self.get_user()):
            return super().post(*args, **kwargs)

    def render_goto_step(self, goto_step, **kwargs):
        """Show the step of the code only to who has passed that of the password."""
        return super().render_goto_step(goto_step if goto_step in self.steps.all else self.FIRST_STEP, **kwargs)

    def get_form(self, step=None, **kwargs):
        form = super().get_form(step=step, **kwargs)
        is_backup = (step or self.steps.current) == self.BACKUP_STEP
        form.otp_error_messages = CODE_ERRORS | {"invalid_token": WRONG_BACKUP_CODE if is_backup else WRONG_CODE}
        return form


class SetupView(views.SetupView):
    """The package's connection of a phone, with the same words, for who has none yet."""

    def dispatch(self, request, *args, **kwargs):
        # The package asks on GET only: a session that began before the phone was connected would connect another.
        with one_at_a_time(request.user):
            if default_device(request.user):
                return redirect(self.get_success_url())
            return super().dispatch(request, *args, **kwargs)

    def get_form(self, step=None, **kwargs):
        form = super().get_form(step=step, **kwargs)
        form.error_messages = {"invalid_token": WRONG_CODE}
        return form

    def done(self, form_list, **kwargs):
        end_sessions(self.request, self.request.user, keep_own=True)
        return super().done(form_list, **kwargs)


class DisableView(views.DisableView):
    """The package's disconnection of a phone; only the browser it is done in may connect the next."""

    def form_valid(self, form):
        with one_at_a_time(self.request.user):
            end_sessions(self.request, self.request.user, keep_own=True)
            return super().form_valid(form)


app_name = "two_factor"
# The package's own list, without its welcome page and with the backup codes right after set-up.
urlpatterns = [
    path(
        "login/",
        LoginView.as_view(form_list=(("auth", PasswordForm), *views.LoginView.form_list[1:])),
        name="login",
    ),
    path(
        "two_factor/setup/",
        SetupView.as_view(success_url="two_factor:backup_tokens", condition_dict={"welcome": False}),
        name="setup",
    ),
    path("two_factor/qrcode/", views.QRGeneratorView.as_view(), name="qr"),
    path("two_factor/backup/tokens/", views.BackupTokensView.as_view(), name="backup_tokens"),
    path("two_factor/", views.ProfileView.as_view(), name="profile"),
    path("two_factor/disable/", DisableView.as_view(), name="disable"),
]


def account_digest(request, credentials) -> str:
    """Return what the lock-out counts by: never the name itself, into whose field passwords get typed by mistake."""
    return keyed_digest("sign-in", (credentials or {}).get("username") or "")


@receiver(pre_save, sender="axes.AccessAttempt")
def forget_what_was_sent(instance, **kwargs):
    """Keep the query and the fields of a failed sign-in out of the database, where django-axes writes them in clear."""
    instance.get_data = instance.post_data = ""
