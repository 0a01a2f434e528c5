"""The self-check: the form and the outcome at one address; nothing about the person is stored."""

import logging

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clinic.caching.page_cache import cached_page
from clinic.database.errors import DATABASE_ERRORS
from clinic.database.lock_timeout import short_wait
from clinic.http.same_origin import same_origin
from questionnaire import rules, tokens
from questionnaire.content import wording
from questionnaire.forms import SelfCheckForm
from questionnaire.models import DailyTally

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@same_origin
@cached_page
def questionnaire(request):
    """GET: the questions. POST: the outcome.

    POST with `change` shows the questions again with the answers filled in; with `again`, the outcome in the other
    language, without a second count.
    """
    if request.method != "POST":
        return render(request, "questionnaire/questionnaire.html", {"form": SelfCheckForm()})
    return show_outcome(request)


@never_cache
def show_outcome(request):
    form = SelfCheckForm(request.POST)
    if not form.is_valid():
        return render(request, "questionnaire/questionnaire.html", {"form": form}, status=422)
    if "change" in request.POST:
        return render(request, "questionnaire/questionnaire.html", {"form": form, "change": request.POST["change"]})
    now, answers = timezone.now(), form.answers
    outcome = rules.outcome(answers)
    if "again" not in request.POST:
        count(outcome, day=timezone.localdate(now))
    context = {
        "form": form,
        "outcome": wording.current()[outcome],
        "family_only": rules.is_family_only(answers),
        "self_check": tokens.make_token(answers, now=now),
    }
    return render(request, "questionnaire/outcome.html", context)


def count(outcome, *, day):
    """Count the outcome; if the count cannot be written, the page is shown all the same."""
    try:
        with short_wait():
            DailyTally.add(day=day, outcome=outcome)
    except DATABASE_ERRORS as error:
        log.warning("self-check not counted", extra={"error": type(error).__name__})
