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
from questionnaire.models import DailyTally, Meaning, Outcome

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@same_origin
@cached_page
def questionnaire(request):
    """GET: the questions. POST: the outcome.

    POST with `change` shows the questions again with the answers so far; with `again`, the outcome in the other
    language, without a second count.
    """
    if request.method != "POST":
        return render(request, "questionnaire/questionnaire.html", {"form": SelfCheckForm()})
    return show_outcome(request)


@never_cache
def show_outcome(request):
    if "change" in request.POST:
        # From the outcome, or from the questions in the other language: some may not be answered yet.
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
    """Return the context of outcome.html: the wording for `answers`, and the answers themselves in a new token."""
    return {
        "questions": SelfCheckForm(initial={key: "yes" if given else "no" for key, given in answers.as_dict().items()}),
        "outcome": wording.current()[Outcome, rules.outcome(answers)],
        "meaning": wording.current()[Meaning, rules.situation(answers)],
        "self_check": tokens.make_token(answers, now=now),
        "today": timezone.localdate(now),
    }


def count(outcome, *, day):
    """Count the outcome; if the count cannot be written, the page is shown all the same."""
    try:
        with short_wait():
            DailyTally.add(day=day, outcome=outcome)
    except DATABASE_ERRORS as error:
        log.warning("self-check not counted", extra={"error": type(error).__name__})
