"""How staff sign in: password, then a code from their phone; every page of it lives under /admin/account/."""

from django.contrib.auth.forms import AuthenticationForm
from django.urls import path
from django.utils.translation import gettext_lazy as _
from two_factor import views

from clinic.encryption import keyed_digest


class PasswordForm(AuthenticationForm):
    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _("This name and this password do not belong together. Capital letters count."),
    }


app_name = "two_factor"
# The package's own list, without its welcome page and with the backup codes right after set-up.
urlpatterns = [
    path(
        "login/",
        views.LoginView.as_view(form_list=(("auth", PasswordForm), *views.LoginView.form_list[1:])),
        name="login",
    ),
    path(
        "two_factor/setup/",
        views.SetupView.as_view(success_url="two_factor:backup_tokens", condition_dict={"welcome": False}),
        name="setup",
    ),
    path("two_factor/qrcode/", views.QRGeneratorView.as_view(), name="qr"),
    path("two_factor/backup/tokens/", views.BackupTokensView.as_view(), name="backup_tokens"),
    path("two_factor/", views.ProfileView.as_view(), name="profile"),
    path("two_factor/disable/", views.DisableView.as_view(), name="disable"),
]


def account_digest(request, credentials) -> str:
    """Return what the lock-out counts by: never the name itself, into whose field passwords get typed by mistake."""
    return keyed_digest("sign-in", (credentials or {}).get("username") or "")
