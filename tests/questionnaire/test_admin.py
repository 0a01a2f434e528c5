"""Editors change the wording of the self-check; the safety net cannot be emptied."""

import pytest
from django.db import IntegrityError

from questionnaire.models import Outcome
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
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
