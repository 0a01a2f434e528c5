"""Who works at the desk: accounts with one role each, a password to give anew, a lost phone to disconnect."""

from contextlib import contextmanager

from django import forms
from django.contrib import admin
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from clinic.staff import roles


@contextmanager
def one_at_a_time(user):
    """Let each request that decides about `user`'s phone see what the one before it did: no code, no set-up serves two.

    SQLite has one writer anyway; PostgreSQL holds the account's row until the end.
    """
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=user.pk).first()
        yield


def end_sessions(request, user, *, keep_own=False):
    """Sign `user` out everywhere, or everywhere else. Whose a session is stands inside it; a desk has few."""
    if user == request.user and not keep_own:
        request.session.flush()
    for session in Session.objects.exclude(session_key=request.session.session_key):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


class StaffForm(forms.ModelForm):
    """A member of staff as the owner sees them: no permissions to tick, one role."""

    role = forms.ChoiceField(label=_("role"), choices=roles.NAMES.items())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["role"] = roles.role_of(self.instance)

    def clean(self):
        data = super().clean()
        is_own = self.instance.pk == self.signed_in.pk
        if (
            is_own
            and not self.signed_in.is_superuser
            and (data.get("role") != roles.OWNER or not data.get("is_active"))
        ):
            raise forms.ValidationError(
                _("You cannot take the desk away from yourself: ask another colleague with the Owner role.")
            )
        return data


class NewStaffForm(BaseUserCreationForm):
    role = forms.ChoiceField(label=_("role"), choices=roles.NAMES.items())


class StaffAdmin(UserAdmin):
    form, add_form, add_form_template = StaffForm, NewStaffForm, None
    fieldsets = [(None, {"fields": ["username", "first_name", "last_name", "role", "is_active", "password_page"]})]
    add_fieldsets = [(None, {"fields": ["username", "role", "password1", "password2"]})]
    readonly_fields = ["password_page"]
    list_display = ["username", "full_name", "role", "has_phone", "last_login", "is_active"]
    list_filter = ["is_active"]
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = []
    search_fields = ["username", "first_name", "last_name"]
    actions = ["disconnect_phone"]

    def get_queryset(self, request):
        accounts = super().get_queryset(request).filter(is_staff=True).prefetch_related("groups", "totpdevice_set")
        return accounts if request.user.is_superuser else accounts.filter(is_superuser=False)

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.signed_in = request.user
        return form

    def has_delete_permission(self, request, obj=None):
        # Who looked at a lead must stay readable: an account is switched off, not deleted.
        return False

    def save_model(self, request, obj, form, change):
        obj.is_staff = True
        super().save_model(request, obj, form, change)
        # A new password ends them by itself (Django); an account that is switched on again must not find them.
        if not obj.is_active:
            end_sessions(request, obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.instance.groups.set([Group.objects.get(name=form.cleaned_data["role"])])

    @admin.display(description=_("name"))
    def full_name(self, user):
        return user.get_full_name()

    @admin.display(description=_("role"))
    def role(self, user):
        return roles.NAMES.get(roles.role_of(user), "-")

    @admin.display(description=_("phone connected"), boolean=True)
    def has_phone(self, user):
        return bool(user.totpdevice_set.all())

    @admin.display(description=_("password"))
    def password_page(self, user):
        return format_html('<a href="../password/">{}</a>', _("Give a new password"))

    @admin.action(description=_("Disconnect the phone (lost or replaced)"), permissions=["change"])
    def disconnect_phone(self, request, queryset):
        for user in queryset:
            with one_at_a_time(user):
                TOTPDevice.objects.filter(user=user).delete()
                StaticDevice.objects.filter(user=user).delete()
                # Whoever holds an open session would be led to connect the next phone, without a password.
                end_sessions(request, user)
            self.log_change(request, user, "Disconnected the phone.")
        message = ngettext(
            "%(count)d phone disconnected: the next sign-in with the password connects a new one.",
            "%(count)d phones disconnected: the next sign-in with the password connects a new one.",
            len(queryset),
        )
        self.message_user(request, message % {"count": len(queryset)})


def take_over(site: admin.AdminSite) -> None:
    """Put the one page above in the place of those that packages have registered for accounts and devices."""
    for model in (User, Group, TOTPDevice, StaticDevice):
        site.unregister(model)
    site.register(User, StaffAdmin)
