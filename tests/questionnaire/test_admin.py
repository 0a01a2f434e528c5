"""Editors change the wording of the self-check; the safety net cannot be emptied."""

import pytest
from django.db import IntegrityError

from questionnaire.models import Meaning, Outcome
from tests.staff import make_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
FIELDS = ("text", "safety_net", "urgent_signs")


@pytest.mark.parametrize("key", ["contact", "reassure"])
@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("emptied", ["", "  \n "])
def test_an_outcome_cannot_be_saved_without_its_safety_net(key, language, emptied):
    outcome = Outcome.objects.get(key=key)
    before = getattr(outcome, f"safety_net_{language}")
    form = {f"{name}_{each}": getattr(outcome, f"{name}_{each}") or "" for name in FIELDS for each in ("it", "en")}
    address = f"/admin/questionnaire/outcome/{outcome.pk}/change/"
    editor = signed_in(make_staff("edda", "editor"))
    response = editor.post(address, form | {f"safety_net_{language}": emptied})
    assert response.status_code == 200
    assert f"safety_net_{language}" in response.context["adminform"].form.errors
    outcome.refresh_from_db()
    assert getattr(outcome, f"safety_net_{language}") == before
    assert editor.post(address, form | {f"safety_net_{language}": "Veda un medico."}).status_code == 302


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_database_refuses_an_outcome_without_its_safety_net(language):
    with pytest.raises(IntegrityError):
        Outcome.objects.filter(key="reassure").update(**{f"safety_net_{language}": ""})


@pytest.mark.parametrize(("language", "kept"), [("it", "Grazie per aver"), ("en", "Thank you for")])
def test_a_preview_shows_the_wording_in_the_form_and_saves_nothing(language, kept):
    editor = signed_in(make_staff("edda", "editor"))
    meaning = Meaning.objects.get(key="diagnosed")
    form = {
        f"{name}_{each}": getattr(meaning, f"{name}_{each}") for name in ("heading", "text") for each in ("it", "en")
    }
    address = f"/admin/questionnaire/meaning/{meaning.pk}/change/"
    assert f'name="_preview_{language}"' in editor.get(address).content.decode()
    sent = form | {f"text_{language}": "Another meaning.", f"_preview_{language}": "1"}
    html = editor.post(address, sent).content.decode()
    assert f'<html lang="{language}">' in html
    assert "Another meaning." in html
    assert kept in html
    assert not Meaning.objects.filter(**{f"text_{language}": "Another meaning."}).exists()
    outcome = Outcome.objects.get(key="reassure")
    form = {f"{name}_{each}": getattr(outcome, f"{name}_{each}") or "" for name in FIELDS for each in ("it", "en")}
    sent = form | {f"safety_net_{language}": "Another sign.", f"_preview_{language}": "1"}
    html = editor.post(f"/admin/questionnaire/outcome/{outcome.pk}/change/", sent).content.decode()
    assert "Another sign." in html
    assert not Outcome.objects.filter(**{f"safety_net_{language}": "Another sign."}).exists()
