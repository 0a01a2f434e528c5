"""The accounts of staff, as the owner keeps them: one role each, no permissions to tick."""

from functools import partial

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.editing import conflicts
from clinic.editing.conflicts import Notes
from clinic.models import SignInEntry
from clinic.staff import roles, second_factor
from clinic.staff.account_actions import ACTIONS, AccountAction
from clinic.staff.record import Event, record
from contacts.admin.ledger_admin import LedgerAdmin


class StaffForm(forms.ModelForm):
    role = forms.ChoiceField(label=_("role"), choices=roles.NAMES.items())

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "role"]
        field_classes = {"username": UsernameField}
        help_texts = {"email": _("For the invitation, and to say when a colleague gives them a lead.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["role"] = roles.role_of(self.instance)

    def clean(self):
        data = super().clean()
        is_own = self.instance.pk == self.signed_in.pk
        if is_own and not self.signed_in.is_superuser and data.get("role") != roles.OWNER:
            raise forms.ValidationError(
                _("You cannot take the desk away from yourself: ask another colleague with the Owner role.")
            )
        return data


class StaffAdmin(admin.ModelAdmin):
    form, fields = StaffForm, tuple(StaffForm.Meta.fields)
    change_form_template = "admin/auth/user/account.html"
    list_display = ["username", "full_name", "role", "has_second_factor", "last_login", "may_sign_in"]
    list_filter = ["is_active"]
    show_facets = admin.ShowFacets.NEVER
    ordering = ["username"]
    search_fields = ["username", "first_name", "last_name"]
    actions = None

    def get_urls(self):
        acts = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(partial(self.act, action=action)),
                name=f"auth_user_{name}",
            )
            for name, action in ACTIONS.items()
        ]
        return [*acts, *super().get_urls()]

    def get_queryset(self, request):
        accounts = super().get_queryset(request).filter(is_staff=True)
        accounts = accounts.prefetch_related("groups", "authenticator_set")
        return accounts if request.user.is_superuser else accounts.filter(is_superuser=False)

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.signed_in = request.user
        return conflicts.with_notes(form, getattr(request, "notes", None))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the form again (409), merged, if somebody else has saved the account since it was opened."""
        with transaction.atomic():
            request.notes, context = None, extra_context or {}
            if account := self.get_object(request, unquote(object_id or "")):
                User.objects.select_for_update().get(pk=account.pk)
                account = self.get_object(request, str(account.pk))
                form = self.get_form(request, account)(instance=account)
                saved = {name: form[name].value() for name in form.fields}
                request.notes = self.merge(request, form, saved) if request.method == "POST" else None
                context |= {"opened": signing.dumps(saved), "notes": request.notes}
            response = super().changeform_view(request, object_id, form_url, context)
        if request.notes:
            response.status_code = 409
        return response

    def merge(self, request, form, saved):
        """Return what to say about the merge of what was sent with what was saved; None if nothing else was saved."""
        opened = conflicts.opened_on(request.POST)
        if opened is None or opened == saved:
            return None
        changes = LogEntry.objects.filter(content_type__model="user", object_id=form.instance.pk)
        last = changes.select_related("user").first()
        notes = Notes(last.user.get_username() if last else gettext("A colleague"))
        request.POST = request.POST.copy()
        conflicts.merge_fields(form, opened, saved, request.POST, notes)
        return notes

    def has_delete_permission(self, request, obj=None):
        # Who looked at a lead must stay readable: an account is deactivated, not deleted.
        return False

    def save_model(self, request, obj, form, change):
        obj.is_staff = True
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            record(Event.MADE, obj, actor=request.user)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.instance.groups.set([Group.objects.get(name=form.cleaned_data["role"])])

    def response_add(self, request, obj, post_url_continue=None):
        return redirect("admin:auth_user_invite", obj.pk)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["title"], context["subtitle"] = (obj.get_username() if obj else _("New account")), None
        if obj:
            context["second_factor"] = second_factor.is_set_up(obj)
            context["account_actions"] = [
                (f"admin:auth_user_{name}", action) for name, action in ACTIONS.items() if action.fits(obj, request)
            ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def act(self, request, pk, *, action: AccountAction):
        """Ask whether to do `action`, then do it; an invitation is shown on the answer, and only there."""
        user = self.get_object(request, str(pk))
        if user is None:
            raise Http404
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if not action.fits(user, request):
            return redirect("admin:auth_user_change", pk)
        form = action.form(user, request.POST if request.method == "POST" else None)
        context = {"form": form, "action": action, "account": user, "title": action.title, "opts": self.opts}
        if form.is_valid():
            context |= action.do(request, user, **form.cleaned_data) or {}
            if "link" not in context:
                self.message_user(request, action.done % {"name": user.get_username()})
                return redirect("admin:auth_user_change", pk)
        return TemplateResponse(request, "admin/auth/user/action.html", self.admin_site.each_context(request) | context)

    @admin.display(description=_("name"))
    def full_name(self, user):
        return user.get_full_name()

    @admin.display(description=_("role"))
    def role(self, user):
        return roles.NAMES.get(roles.role_of(user), "-")

    # In words: Django's icons say "True" to a screen reader, in any language.
    @admin.display(description=_("second factor"))
    def has_second_factor(self, user):
        return yes_or_no(any(factor.type in second_factor.TYPES for factor in user.authenticator_set.all()))

    @admin.display(description=_("active"))
    def may_sign_in(self, user):
        return yes_or_no(user.is_active)


def yes_or_no(is_true: bool):
    return _("Yes") if is_true else _("No")


class SignInEntryAdmin(LedgerAdmin):
    list_display = ["at", "event", "whose", "actor"]
    list_filter = ["event", "account"]
    list_select_related = ["account", "actor"]

    @admin.display(description=_("account"), ordering="account")
    def whose(self, entry):
        return entry.account or _("unknown name %(code)s") % {"code": entry.name_digest[:8]}


def register(site: admin.AdminSite) -> None:
    """Show the accounts and the record of sign-ins on `site`, in place of what packages have registered."""
    for model in list(site._registry):
        if model._meta.app_label in {"auth", "account", "mfa"}:
            site.unregister(model)
    site.register(User, StaffAdmin)
    site.register(SignInEntry, SignInEntryAdmin)
