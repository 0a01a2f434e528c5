"""Every address of the desk by its name, read off the admin itself: a new page is walked over without being told."""

from django.contrib import admin
from django.urls import URLResolver, reverse
from django.utils import timezone
from PIL import Image

from clinic.models import ClinicProfile
from contacts.intake.receive import NewRequest, receive
from contacts.models import AccessEntry
from contacts.privacy import access_log
from questionnaire.models import DailyTally
from questionnaire.rules import Answers
from tests.staff import make_staff
from treatments.models import Page, Photo


def of_all() -> dict[str, str]:
    """Return them, each leading to something that exists, made here where a new site has none."""
    now = timezone.now()
    ClinicProfile.objects.get_or_create(pk=1)
    DailyTally.add(day=timezone.localdate(), outcome="contact")
    request = {"email": "anna@example.org", "name": "Anna", "language": "it"}
    for message in ("Buongiorno", "Sono ancora io"):
        receive(NewRequest(message=message, answers=Answers(True, False, False), **request), now=now)
    access_log.record(AccessEntry.Action.OPENED, ["K7M-4QX"], now=now)
    make_staff("somebody", "editor")
    Photo(alt_it="Una stanza", alt_en="A room").save_picture(Image.new("RGB", (400, 300), "tan"))
    found = {}
    for pattern in admin.site.get_urls():
        inner = pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]
        for name in {each.name for each in inner if each.name}:
            found |= dict(of(name))
    return found


def of(name: str) -> list[tuple[str, str]]:
    """Return (name, address) for one name of the admin; for an index of apps, one of each app."""
    model = model_of(name)
    if name == "app_list":
        labels = {model._meta.app_label for model in admin.site._registry}
        return [(f"app_list {label}", reverse("admin:app_list", args=[label])) for label in labels]
    if name == "treatments_page_preview":
        return [(name, reverse("admin:" + name, args=[Page.objects.last().pk, "it"]))]
    if model and not name.endswith(("_changelist", "_add")):
        return [(name, reverse("admin:" + name, args=[model.objects.last().pk]))]
    return [(name, reverse("admin:" + name))]


def model_of(name: str):
    models = {f"{model._meta.app_label}_{model._meta.model_name}_": model for model in admin.site._registry}
    return next((model for start, model in models.items() if name.startswith(start)), None)
