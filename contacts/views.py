"""Writing to the centre: the form, the thanks, and taking a request back."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic.facts import facts
from clinic.same_origin import same_origin
from contacts import erasure, intake, references, withdrawals
from contacts.forms import ContactForm
from contacts.models import AccessEntry, Lead
from questionnaire import tokens


@require_http_methods(["GET", "HEAD", "POST"])
@same_origin
def contact(request):
    """GET: the form on its own page. POST: the lead, then 303 to the thanks; what is wrong comes back as 422."""
    if request.method != "POST":
        return render(request, "contacts/contact.html", {"form": ContactForm(initial={"source": request.path})})
    return received(request)


@never_cache
def received(request):
    form = ContactForm(request.POST)
    if not form.is_valid():
        return render(request, "contacts/contact.html", {"form": form}, status=422)
    now, data = timezone.now(), form.cleaned_data
    answers, seal_is_broken = attached_answers(data, now=now)
    lead = intake.receive(
        email=data["email"],
        name=data["name"],
        message=data["message"],
        answers=answers,
        language=get_language(),
        source_page=data["source"],
        form="self-check" if data["self_check"] else "contact",
        consent_version=data["consent_version"],
        is_suspected=bool(data["second_opinion"]),
        now=now,
    )
    address = reverse("contacts:thanks", args=[lead.reference])
    if seal_is_broken:
        address += "?" + urlencode({"answers": "expired"})
    return HttpResponseRedirect(address, status=303)


def attached_answers(data, *, now):
    """Return (answers or None, whether the patient wanted them attached but the seal was broken)."""
    if not data["attach_answers"]:
        return None, False
    try:
        return tokens.unseal(data["self_check"], now=now), False
    except tokens.SealBroken:
        return None, True


@require_safe
@never_cache
def thanks(request, reference):
    """Say what happens next; reads no database and says the same to everyone."""
    if references.normalise(reference) != reference:
        raise Http404
    context = {
        "clinic": facts.last(),
        "reference": reference,
        "answers_expired": request.GET.get("answers") == "expired",
    }
    return render(request, "contacts/thanks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@same_origin
@never_cache
def withdraw(request, token):
    """GET explains what would go, without showing it; POST erases. Done twice, it is calmly done."""
    try:
        lead = Lead.objects.filter(pk=withdrawals.lead_id(token)).first()
    except withdrawals.BadLink:
        raise Http404 from None
    if request.method == "POST" and lead:
        erasure.erase_lead(lead, action=AccessEntry.Action.WITHDRAWN, now=timezone.now())
        lead = None
    return render(request, "contacts/withdraw.html", {"is_done": lead is None, "token": token})


@require_safe
def privacy(request):
    return render(request, "contacts/privacy.html")
