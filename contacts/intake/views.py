"""The pages on which patients write to the centre and withdraw a request, and the privacy notice."""

import logging

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic.caching.page_cache import cached_page
from clinic.database.errors import DATABASE_ERRORS
from clinic.facts import facts
from clinic.http.same_origin import same_origin
from clinic.personal_data import Whose, by_retention, personal
from contacts import references
from contacts.intake import receive, throttle
from contacts.intake.forms import ContactForm
from contacts.models import AccessEntry, Lead
from contacts.privacy import consents, erasure, withdrawals
from questionnaire import tokens
from questionnaire.views import outcome_context

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@same_origin
@cached_page
def contact(request):
    """Show the form on its own page; on POST store the request and redirect to the thanks (303), or show errors.

    POST with `again` shows the form in the other language, filled in.
    """
    if request.method != "POST":
        return render(request, "contacts/contact.html")
    return store(request)


@never_cache
def store(request):
    now = timezone.now()
    if "again" in request.POST:
        return page_with(request, ContactForm(initial=request.POST.dict()), now=now)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return page_with(request, form, now=now, status=422)
    new_request = form.new_request(source=throttle.source(request, now=now), now=now)
    try:
        lead = receive.receive(new_request, now=now)
    except (throttle.TooMany, *DATABASE_ERRORS) as error:
        return not_stored(request, form, error, now=now)
    answers_expired = form.cleaned_data["attach_answers"] and not new_request.answers
    query = "?answers=expired" if answers_expired else ""
    return HttpResponseRedirect(reverse("contacts:thanks", args=[lead.reference]) + query, status=303)


def page_with(request, form, *, now, status=200, **context):
    """Return the page that `form` was posted from, filled in: the outcome page, or the contact page."""
    try:
        outcome = outcome_context(tokens.read_token_of_any_age(form["self_check"].value() or ""), now=now)
    except (tokens.InvalidToken, *DATABASE_ERRORS):
        return render(request, "contacts/contact.html", {"form": form, **context}, status=status)
    form.renew_token(outcome["self_check"])
    return render(request, "questionnaire/outcome.html", {"form": form, **outcome, **context}, status=status)


def not_stored(request, form, error, *, now):
    """Say that nothing was stored, with the phone number and the form as it was filled in: 429 or 503."""
    log.warning("request not stored", extra={"error": type(error).__name__})
    if isinstance(error, throttle.TooMany):
        context, status, retry_after = {"not_stored": "limit"}, 429, 3600
    else:
        # The database is away: the phone number comes from the copy in this process.
        context, status, retry_after = {"not_stored": "unavailable", "clinic": facts.last()}, 503, 120
    response = page_with(request, form, now=now, status=status, **context)
    response["Retry-After"] = retry_after
    return response


@require_safe
@never_cache
def thanks(request, reference):
    """Say what happens next, from the reference alone: the database is not read."""
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
    """GET lists what is erased without showing it; POST erases, and a second POST is answered the same way."""
    try:
        leads = Lead.objects.filter(pk=withdrawals.lead_id(token))
    except withdrawals.BadLink:
        return render(request, "contacts/withdraw.html", {"is_broken": True}, status=404)
    if request.method == "POST":
        erasure.erase(leads, action=AccessEntry.Action.WITHDRAWN, now=timezone.now())
    reference = leads.values_list("reference", flat=True).first()
    return render(request, "contacts/withdraw.html", {"reference": reference})


@require_safe
@cached_page
def privacy(request):
    kept_data = by_retention(personal(Whose.PATIENT))
    return render(request, "contacts/privacy.html", {"kept_data": kept_data, "version": consents.NOTICE_OF})
