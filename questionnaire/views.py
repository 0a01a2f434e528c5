"""The self-check: one form, one outcome page at the same address, nothing about the person kept."""

import logging

from django.db import DatabaseError
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clinic.caching.page_cache import cached_page
from clinic.database.lock_timeout import short_wait
from clinic.http.same_origin import same_origin
from questionnaire import rules, tokens
from questionnaire.content import words
from questionnaire.forms import SelfCheckForm
from questionnaire.models import DailyTally, Meaning, Outcome

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@same_origin
@cached_page
def questionnaire(request):
    """GET: the questions. POST: the outcome; with `change`, the questions again with the answers so far.

    With `again` it is the same outcome in the other language, which was counted already.
    """
    if request.method != "POST":
        return render(request, "questionnaire/questionnaire.html", {"form": SelfCheckForm()})
    return answered(request)


@never_cache
def answered(request):
    if "change" in request.POST:
        # From the outcome, or from the questions in the other language: perhaps not all are answered yet.
        context = {"form": SelfCheckForm(initial=request.POST.dict()), "change": request.POST["change"]}
        return render(request, "questionnaire/questionnaire.html", context)
    form = SelfCheckForm(request.POST)
    if not form.is_valid():
        return render(request, "questionnaire/questionnaire.html", {"form": form}, status=422)
    now = timezone.now()
    if "again" not in request.POST:
        count(rules.outcome(form.answers), day=timezone.localdate(now))
    return render(request, "questionnaire/outcome.html", outcome_context(form.answers, now=now))


def outcome_context(answers, *, now):
    """Return what the outcome's page shows to who gave `answers`: the centre's words, and the answers sealed anew."""
    return {
        "questions": SelfCheckForm(initial={key: "yes" if given else "no" for key, given in answers.as_dict().items()}),
        "outcome": words.current()[Outcome, rules.outcome(answers)],
        "meaning": words.current()[Meaning, rules.situation(answers)],
        "self_check": tokens.seal(answers, now=now),
        "today": timezone.localdate(now),
    }


def count(outcome, *, day):
    """Count the outcome; a counter that cannot be written never costs the patient the page."""
    try:
        with short_wait():
            DailyTally.add(day=day, outcome=outcome)
    except DatabaseError as error:
        log.warning("self-check not counted", extra={"error": type(error).__name__})
