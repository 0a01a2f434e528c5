"""What staff do with leads from the desk: each change says what it did and has a button that takes it back."""

import secrets
from datetime import date
from functools import partial
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic.templatetags.days import in_words
from contacts.inbox import casework, many_leads
from contacts.models import Lead

Status = Lead.Status
# In the session: ids, versions and states of leads, nothing about a person.
CHOSEN, UNDO = "chosen", "undo"
ACTIONS = {
    Status.IN_PROGRESS: gettext_lazy("I'll take them"),
    Status.ANSWERED: gettext_lazy("Mark answered"),
    Status.CLOSED: gettext_lazy("Close"),
    Status.SUSPECTED: gettext_lazy("They are spam"),
    Status.NEW: gettext_lazy("They are not spam"),
}
SAID = {
    Status.IN_PROGRESS: gettext_lazy("you take care of it"),
    Status.ANSWERED: gettext_lazy("marked as answered"),
    Status.CLOSED: gettext_lazy("closed"),
    Status.SUSPECTED: gettext_lazy("marked as spam"),
    Status.NEW: gettext_lazy("given back, nobody takes care of it"),
}


def urls(site):
    return [
        path("confirm/", site.admin_view(confirm), name="lead_confirm"),
        path("undo/", site.admin_view(undo), name="lead_undo"),
    ]


def for_list() -> list:
    """Return the actions of the list, as Django's admin wants them: named functions."""
    actions = []
    for to, label in ACTIONS.items():
        action = partial(choose, to=to)
        action.__name__ = f"to_{to}"  # type: ignore[attr-defined]
        actions.append(admin.action(description=label, permissions=["change"])(action))
    return actions


def choose(model_admin, request, leads, *, to: str):
    """Change one lead at once; for more, ask on a page of its own, to which Back returns."""
    if to == Status.NEW:
        leads = leads.filter(status=Status.SUSPECTED)
    chosen = [str(pk) for pk in leads.values_list("pk", flat=True)[: many_leads.MAX_AT_ONCE + 1]]
    if len(chosen) < 2:
        return change(request, chosen, to)
    key = secrets.token_hex(8)
    request.session[CHOSEN] = {"key": key, "to": to, "leads": chosen, "list": request.get_full_path()}
    return redirect("admin:lead_confirm")


@permission_required("contacts.change_lead", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request):
    """GET says how many leads were chosen for what; POST changes them and returns to the list as it was filtered."""
    chosen = request.session.get(CHOSEN)
    if request.method == "POST" and chosen and request.POST.get("key") == chosen["key"]:
        del request.session[CHOSEN]
        change(request, chosen["leads"], chosen["to"])
        return redirect(chosen["list"])
    if request.method == "POST" or not chosen:
        messages.warning(request, _("Nothing was changed: choose the leads again."))
        return redirect("admin:contacts_lead_changelist")
    count = min(len(chosen["leads"]), many_leads.MAX_AT_ONCE)
    label = ACTIONS[Status(chosen["to"])]
    context = admin.site.each_context(request) | {"title": label, "opts": Lead._meta, "chosen": chosen, "count": count}
    return TemplateResponse(request, "admin/contacts/lead/confirm.html", context)


def change(request, chosen: list[str], to: str) -> None:
    leads = Lead.objects.filter(pk__in=chosen)
    done = many_leads.change_status_of_all(leads, to, actor=request.user, now=timezone.now())
    if not done.leads:
        messages.warning(request, _("Nothing was changed."))
        return
    count = len(done.leads)
    text = f"{ACTIONS[Status(to)]}: " + ngettext("%(count)d lead changed.", "%(count)d leads changed.", count)
    text %= {"count": count}
    if done.unchanged:
        rest = ngettext("%(count)d not changed.", "%(count)d not changed.", done.unchanged)
        text += " " + rest % {"count": done.unchanged}
    if done.has_more:
        limit = {"limit": many_leads.MAX_AT_ONCE}
        text += " " + _("At most %(limit)d are changed at once: repeat the action for the others.") % limit
    say(request, text, done.leads)


def describe(lead: Lead, *, to: str, wait_until: date | None, note: str, changes: dict) -> str:
    """Return in words what was just done with `lead`."""
    said = [str(SAID[Status(to)])] if to else []
    if to == Status.NEW and lead.before["status"] == Status.SUSPECTED:
        said = [_("not spam, our emails about it are on their way")]
    elif to == Status.IN_PROGRESS and lead.before["status"] in {Status.ANSWERED, Status.CLOSED}:
        said = [_("open again")]
    elif to == Status.IN_PROGRESS == lead.before["status"]:
        said = [_("our turn again")]
    if wait_until:
        said.append(_("waiting for the patient until %(day)s") % {"day": in_words(wait_until)})
    if changes:
        said.append(_("assignment or retention changed"))
    if note:
        said.append(_("note saved"))
    return f"{lead.reference}: {', '.join(said)}."


def say(request, text: str, leads: list[Lead]) -> None:
    """Show `text` on the next page, with a button that takes the change back if it changed the state of `leads`."""
    changed = [lead for lead in leads if lead.before != casework.state_of(lead)]
    key = f"undo-{secrets.token_hex(8)}" if changed else ""
    if changed:
        states = [[str(lead.pk), lead.version, lead.before] for lead in changed]
        request.session[UNDO] = {"key": key, "leads": states}
    messages.success(request, text, extra_tags=key)


@permission_required("contacts.change_lead", raise_exception=True)
@require_POST
def undo(request):
    """Take back the last change, lead by lead, unless a colleague has changed the lead since."""
    last = request.session.get(UNDO)
    undone = too_late = 0
    if last and last["key"] == request.POST.get("undo"):
        del request.session[UNDO]
        for pk, version, before in last["leads"]:
            try:
                casework.undo(UUID(pk), version=version, before=before, actor=request.user, now=timezone.now())
                undone += 1
            except (casework.StaleVersion, Lead.DoesNotExist):
                too_late += 1
    if undone:
        text = ngettext("Undone: the lead is as it was.", "Undone: %(count)d leads are as they were.", undone)
        messages.success(request, text % {"count": undone})
    if too_late or not undone:
        messages.warning(request, _("Not undone: it was changed again meanwhile."))
    return HttpResponseRedirect(next_page(request))


def next_page(request) -> str:
    """Return the page on which the button stood."""
    page = request.POST.get("next", "")
    is_ours = page.startswith(reverse("admin:index")) and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_ours else reverse("admin:contacts_lead_changelist")
