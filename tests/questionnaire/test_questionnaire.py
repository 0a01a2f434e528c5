import re
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from questionnaire import tokens
from questionnaire.models import DailyTally, Outcome, Question
from questionnaire.rules import Answers

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ADDRESS = {"it": "/it/questionario/", "en": "/en/questionnaire/"}
SAYS = {
    ("it", True): "le consigliamo di lasciare il suo indirizzo email",
    ("it", False): "Dalle sue risposte non emergono problemi",
    ("en", True): "we recommend that you leave your email address",
    ("en", False): "Your answers did not reveal any problem",
}
# To whom the outcome speaks, by (diagnosed, family, patches); the first that holds.
MEANS = {
    "diagnosed": {"it": "Lei ha già una diagnosi", "en": "You already have a diagnosis"},
    "patches": {"it": "possono avere molte cause", "en": "White patches can have many causes"},
    "family": {
        "it": "la maggior parte dei parenti non la sviluppa mai",
        "en": "most relatives never develop it",
    },
    "none": {"it": "non escludono nulla", "en": "rule nothing out"},
}


def answers(**changes):
    return {"diagnosed": "no", "family": "no", "patches": "no"} | changes


def test_a_get_shows_three_required_yes_no_questions(client):
    html = client.get(ADDRESS["it"]).content.decode()
    for name in ("diagnosed", "family", "patches"):
        assert re.findall(rf'name="{name}" value="(yes|no)"', html) == ["yes", "no"]
    assert "Le è mai stata diagnosticata la vitiligine?" in html


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("given_answers", list(product(["yes", "no"], repeat=3)))
def test_every_combination_of_answers_ends_in_its_outcome(client, language, given_answers):
    response = client.post(ADDRESS[language], dict(zip(("diagnosed", "family", "patches"), given_answers, strict=True)))
    html = response.content.decode()
    is_contact = "yes" in given_answers
    assert response.status_code == 200
    assert SAYS[language, is_contact] in html
    assert SAYS[language, not is_contact] not in html
    diagnosed, family, patches = (answer == "yes" for answer in given_answers)
    speaks_to = "diagnosed" if diagnosed else "patches" if patches else "family" if family else "none"
    assert [key for key, words in MEANS.items() if words[language] in html] == [speaks_to]
    for safety in {"it": ("Si faccia visitare se…", "Si faccia visitare presto se…", "un neo cambia"), "en": ("112",)}[
        language
    ]:
        assert safety in html
    assert 'name="self_check" value="gAAAA' in html
    assert "no-store" in response["Cache-Control"]
    assert 'content="noindex"' in html


@pytest.mark.parametrize("missing", ["diagnosed", "family", "patches"])
def test_a_missing_answer_is_422_with_a_summary_that_links_to_it_and_the_others_kept(client, missing):
    sent = answers(diagnosed="yes", family="yes", patches="yes")
    del sent[missing]
    response = client.post(ADDRESS["it"], sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Errore: " in html
    assert f'<a href="#id_{missing}_0">' in html
    assert html.count(" checked") == 2


@pytest.mark.parametrize("foreign", ["maybe", "YES", "", "\x00", "1", "yes\x00", "è"])
def test_an_unknown_value_is_422_never_500(client, foreign):
    assert client.post(ADDRESS["en"], answers(family=foreign)).status_code == 422


def test_two_different_answers_to_one_question_are_422(client):
    response = client.post(
        ADDRESS["en"], "diagnosed=yes&diagnosed=no&family=no&patches=no", "application/x-www-form-urlencoded"
    )
    assert response.status_code == 422


def test_change_shows_the_questions_again_with_every_answer_kept(client):
    response = client.post(ADDRESS["en"], answers(patches="yes", change="patches"))
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count(" checked") == 3
    assert "See the outcome" in html


def test_the_language_switch_of_the_questions_carries_the_answers_given_so_far_in_a_post(client):
    html = client.get(ADDRESS["it"]).content.decode()
    assert 'form="self-check" formaction="/en/questionnaire/" name="change" value="en"' in html
    response = client.post(ADDRESS["en"], {"diagnosed": "no", "change": "en"})
    html = response.content.decode()
    assert response.status_code == 200
    assert re.search(r'name="diagnosed" value="no"[^>]* checked', html)
    assert html.count(" checked") == 1
    assert "error-summary" not in html
    assert not DailyTally.objects.exists()


def test_an_outcome_shown_again_is_not_counted_again(client):
    client.post(ADDRESS["it"], answers(patches="yes"))
    assert SAYS["en", True] in client.post(ADDRESS["en"], answers(patches="yes", again="en")).content.decode()
    assert [(row.outcome, row.count) for row in DailyTally.objects.all()] == [("contact", 1)]


def test_only_an_anonymous_count_is_stored(client):
    client.post(ADDRESS["en"], answers(patches="yes"))
    client.post(ADDRESS["en"], answers(patches="yes"))
    client.post(ADDRESS["en"], answers())
    assert {(row.outcome, row.count) for row in DailyTally.objects.all()} == {("contact", 2), ("reassure", 1)}
    assert {row.day for row in DailyTally.objects.all()} == {timezone.localdate()}


@given(st.builds(Answers, diagnosed=st.booleans(), family=st.booleans(), patches=st.booleans()))
def test_a_token_returns_the_answers_it_was_made_of(given_answers):
    now = timezone.now()
    token = tokens.make_token(given_answers, now=now)
    assert tokens.read_token(token, now=now + timedelta(hours=1, minutes=59)) == given_answers


def test_a_token_expires_after_two_hours():
    now = timezone.now()
    token = tokens.make_token(Answers(diagnosed=True, family=False, patches=True), now=now)
    with pytest.raises(tokens.InvalidToken):
        tokens.read_token(token, now=now + timedelta(hours=2, seconds=2))


@given(st.text(max_size=300))
def test_no_other_text_is_a_valid_token(text):
    with pytest.raises(tokens.InvalidToken):
        tokens.read_token(text, now=timezone.now())


def test_a_token_does_not_reveal_the_answers():
    now = timezone.now()
    made = [tokens.make_token(Answers(diagnosed=each, family=each, patches=each), now=now) for each in (True, False)]
    assert all("true" not in token and "diagnosed" not in token for token in made)


@budget(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["diagnosed", "family", "patches", "change", "x"]), st.text(max_size=20)))
def test_no_input_is_a_server_error(client, data):
    assert client.post(ADDRESS["it"], data).status_code in {200, 422}


def test_every_question_and_outcome_is_written_in_both_languages():
    for language in ("it", "en"):
        assert all(getattr(row, f"text_{language}") for row in Question.objects.all())
        assert all(getattr(row, f"safety_net_{language}") for row in Outcome.objects.all())
    assert Question.objects.count() == 3
    assert Outcome.objects.count() == 2
