"""The three roles of staff and what each may do, kept in step with the code after every migrate."""

from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

RECEPTION, EDITOR, OWNER = "reception", "editor", "owner"
NAMES = {RECEPTION: _("Reception"), EDITOR: _("Editor"), OWNER: _("Owner")}

LEADS = {
    "contacts": {
        "lead": "view change",
        "savedreply": "view add change delete",
        "consent": "view",
        "accessentry": "view",
    },
    "questionnaire": {"dailytally": "view"},
}
PAGES = {
    "clinic": {
        "clinicprofile": "view add change",
        "openinghours": "view add change delete",
        "closure": "view add change delete",
        "professional": "view add change delete",
    },
    "treatments": dict.fromkeys(("page", "section", "faq", "source", "photo"), "view add change delete"),
    "questionnaire": dict.fromkeys(("question", "outcome", "meaning"), "view change") | {"dailytally": "view"},
}
ACCOUNTS = {
    "auth": {"user": "view add change"},
    "clinic": {"signinentry": "view", "signoff": "view add change delete"},
}
PERSON = {"contacts": {"lead": "export erase_person"}}


def codenames(*rules):
    """Yield (app, codename) for every permission that `rules` name."""
    for rule in rules:
        for app, models in rule.items():
            for model, actions in models.items():
                for action in actions.split():
                    yield app, action if action == "erase_person" else f"{action}_{model}"


ROLES = {
    RECEPTION: set(codenames(LEADS)),
    EDITOR: set(codenames(PAGES)),
    OWNER: set(codenames(LEADS, PAGES, ACCOUNTS, PERSON)),
}


def role_of(user) -> str:
    """Return the name of the user's role, or "" for an account that has none."""
    return next((group.name for group in user.groups.all() if group.name in NAMES), "")


def synchronise(**kwargs) -> None:
    """Give each role exactly its permissions (idempotent; runs on post_migrate)."""
    permissions = {(p.content_type.app_label, p.codename): p for p in Permission.objects.select_related("content_type")}
    for role, wanted in ROLES.items():
        group, _is_new = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions[key] for key in wanted if key in permissions)
