import pytest

from contacts.inbox import search
from contacts.models import AccessEntry, Lead
from tests.leads import make_lead

pytestmark = pytest.mark.django_db
SEARCH = "/admin/contacts/lead/search/"


def found(desk, text):
    """Return the references that a search shows, or the one that it opens."""
    response = desk.post(SEARCH, {"text": text})
    assert response.status_code == 302
    assert text not in response["Location"]
    page = desk.get(response["Location"])
    return [lead.reference for lead in page.context.get("leads") or [page.context["lead"]]]


@pytest.fixture
def giulie():
    return [
        make_lead("giulia@example.org", name="Giulia D\u2019Am\u00e9rico"),
        make_lead("g.rossi@example.org", name="GIULIA Rossi", status=Lead.Status.CLOSED),
        make_lead("mario@other.example", name="Mario"),
    ]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("giulia", [1, 0]),
        (" Giulia  rossi ", [1]),
        ("americo", [0]),
        ("AM\u00c9RICO", [0]),
        ("g.rossi", [1]),
        ("other.example", [2]),
        ("G.Rossi+x@Example.org", [1]),
        ("example.org", [1, 0]),
    ],
)
def test_a_name_or_part_of_an_address_finds_leads_of_any_status_newest_first(desk, giulie, text, numbers):
    assert found(desk, text) == [giulie[number].reference for number in numbers]


def test_a_reference_opens_its_lead_and_its_beginning_finds_it(desk, giulie):
    lead = giulie[0]
    opened = desk.post(SEARCH, {"text": lead.reference.lower()})
    assert opened["Location"] == f"/admin/contacts/lead/{lead.pk}/change/"
    assert lead.reference in found(desk, lead.reference[:4])


def test_a_search_is_logged_with_what_it_found_and_never_with_the_words(desk, anna, giulie):
    found(desk, "giulia")
    logged = AccessEntry.objects.filter(action="searched", actor=anna).values_list("reference", flat=True)
    assert set(logged) == {giulie[0].reference, giulie[1].reference}
    assert desk.post(SEARCH, {"text": "nessuna"}).status_code == 302
    assert "No lead has this" in desk.get(SEARCH).content.decode()
    assert "nessuna" not in desk.get(SEARCH).content.decode()
    assert "giulia" not in str(dict(desk.session)).lower()


@pytest.mark.parametrize("text", ["", " ", "a"])
def test_too_little_finds_nothing_and_is_no_error(desk, giulie, text):
    assert desk.post(SEARCH, {"text": text})["Location"] == SEARCH
    assert desk.get(SEARCH).status_code == 200
    assert not AccessEntry.objects.exists()


def test_names_are_looked_for_in_the_newest_leads_and_it_is_said(desk, giulie, monkeypatch):
    monkeypatch.setattr(search, "MAX_READ", 2)
    assert found(desk, "rossi@") == [giulie[1].reference]
    assert found(desk, giulie[0].email) == [giulie[0].reference]
    desk.post(SEARCH, {"text": "giulia d"})
    assert "in the newest 2 leads" in desk.get(SEARCH).content.decode()
