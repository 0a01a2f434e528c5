"""App configurations of the clinic and of its admin site (the desk)."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = _("Clinic")
    default = True

    def ready(self):
        from clinic.encryption import fingerprints  # noqa: F401 - registers its system check
        from clinic.staff.roles import synchronise

        # The permissions of all apps exist only after the last app has migrated.
        post_migrate.connect(synchronise, sender=list(apps.get_app_configs())[-1])


class DeskConfig(admin.AdminConfig):
    default = False
    # In a module of its own: a module that also registers models would register them on a site that Django replaces.
    default_site = "clinic.staff.site.Desk"

    def ready(self):
        super().ready()
        from django.contrib.admin import site

        from clinic.staff.accounts import register

        register(site)
