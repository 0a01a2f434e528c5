"""Every URL of the admin site by its name, read from the admin itself, so that a new page is included."""

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import URLResolver, reverse
from django.utils import timezone
from PIL import Image

from clinic.models import ClinicProfile, Revision, SignOff
from clinic.models.revisions import snapshot
from contacts.intake.receive import NewRequest, receive
from contacts.models import AccessEntry
from contacts.privacy import access_log
from questionnaire.models import DailyTally
from questionnaire.rules import Answers
from tests.staff import make_staff
from treatments.models import Page, Photo


def of_all() -> dict[str, str]:
    """Return {name: path}; the objects that the paths need are created here, each with a saved change."""
    now = timezone.now()
    ClinicProfile.objects.get_or_create(pk=1)
    SignOff.objects.get_or_create(kind="dpia", defaults={"name": "Anna Rossi", "signed_on": now.date()})
    DailyTally.add(day=timezone.localdate(), outcome="contact")
    request = {"email": "anna@example.org", "name": "Anna", "language": "it"}
    for message in ("Buongiorno", "Sono ancora io", "E ancora io"):
        receive(NewRequest(message=message, answers=Answers(True, False, False), **request), now=now)
    access_log.record(AccessEntry.Action.OPENED, ["K7M-4QX"], now=now)
    staff = make_staff("somebody", "editor")
    Photo(alt_it="Una stanza", alt_en="A room").save_picture(Image.new("RGB", (400, 300), "tan"))
    for model in admin.site._registry:
        log_change(staff, model)
    found = {}
    for pattern in admin.site.get_urls():
        inner = pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]
        for name in {each.name for each in inner if each.name}:
            found |= dict(of(name))
    return found


def log_change(staff, model):
    """Record a change of the newest object in every field, as the admin does when it is saved."""
    if newest := model.objects.last():
        fields = [str(field.verbose_name) for field in model._meta.fields if field.editable]
        message = [{"added": {"name": "section", "object": "A"}}, {"changed": {"fields": fields}}]
        LogEntry.objects.log_actions(staff.pk, [newest], CHANGE, change_message=message, single_object=True)


def of(name: str) -> list[tuple[str, str]]:
    """Return [(name, path)] for one name of the admin; for "app_list", one per app."""
    model = model_of(name)
    if name == "app_list":
        labels = {model._meta.app_label for model in admin.site._registry}
        return [(f"app_list {label}", reverse("admin:app_list", args=[label])) for label in labels]
    if name == "treatments_page_preview":
        return [(name, reverse("admin:" + name, args=[Page.objects.last().pk, "it"]))]
    if name.endswith(("_revision", "_draft")):
        row, now = model.objects.last(), timezone.now()
        content = snapshot(row, admin.site._registry[model].parts())
        if name.endswith("_draft"):
            Revision.record(row, Revision.Action.DRAFT, content, author=None, now=now, base=content)
            return [(name, reverse("admin:" + name, args=[row.pk]))]
        revision = Revision.record(row, Revision.Action.SAVED, content, author=None, now=now)
        return [(name, reverse("admin:" + name, args=[revision.pk]))]
    if model and not name.endswith(("_changelist", "_add", "_deleted")):
        return [(name, reverse("admin:" + name, args=[model.objects.last().pk]))]
    return [(name, reverse("admin:" + name))]


def model_of(name: str):
    models = {f"{model._meta.app_label}_{model._meta.model_name}_": model for model in admin.site._registry}
    return next((model for start, model in models.items() if name.startswith(start)), None)
