import csv
import io

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from, text

from contacts.inbox import exports
from contacts.models import AccessEntry
from tests.leads import make_lead
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
EXPORT = "/admin/contacts/lead/export/"


def export(*columns, role="owner", language="en"):
    today = timezone.localdate().isoformat()
    client = signed_in(make_staff(role, role))
    data = {"first": today, "last": today, "columns": columns}
    return client.post(EXPORT, data, headers={"Accept-Language": language})


def rows(response, delimiter=","):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=delimiter))


SIGNS = "=+-@＝＋－＠"


@pytest.mark.parametrize("start", [*SIGNS, "  ="])
def test_a_formula_leaves_as_a_text(start):
    formula = f'{start}HYPERLINK("https://evil.example")'
    assert exports.cell(formula) == "'" + formula


@pytest.mark.parametrize("delimiter", ",;\t\r\n")
def test_a_formula_behind_a_delimiter_of_any_country_leaves_as_a_text(delimiter):
    assert exports.cell(f'x{delimiter} "=1+1') == f"x{delimiter}' \"=1+1"


@pytest.mark.one_database
@given(
    names=lists(text("=+＠ \"';,\t\r\nx"), min_size=1, max_size=3),
    written=sampled_from(",;"),
    split_at=sampled_from(",;\t"),
    quoting=sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_NONE]),
)
@settings(max_examples=2000)
def test_whatever_is_typed_and_however_a_spreadsheet_splits_it_no_cell_is_a_formula(names, written, split_at, quoting):
    table = exports.line(names, delimiter=written).decode()
    read = csv.reader(io.StringIO(table, newline=""), delimiter=split_at, quoting=quoting)
    assert not [cell for row in read for cell in row if cell.lstrip(' \t\r\n"').startswith(tuple(SIGNS))]


def test_ordinary_words_come_back_as_they_were():
    words = "Buongiorno, ho 2-3 macchie (a+b = c); scrivetemi a anna@example.org.\nGrazie - Anna"
    assert exports.cell(words) == words


def test_what_a_patient_typed_comes_back_out_inert_and_whole():
    make_lead(name="=1+1", message='one; "two",\nthree')
    response = export("reference", "name", "message")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert rows(response)[1][1:] == ["'=1+1", 'one; "two",\nthree']


def test_only_the_chosen_columns_leave_and_suspected_leads_stay():
    lead = make_lead()
    make_lead(is_suspected=True)
    assert rows(export("reference", "status"))[1:] == [[lead.reference, "New"]]


def test_an_italian_spreadsheet_gets_its_own_separator():
    make_lead()
    assert len(rows(export("reference", "email", language="it"), ";")[1]) == 2


def test_every_exported_lead_is_recorded():
    leads = {make_lead().reference, make_lead().reference}
    export("reference")
    written = AccessEntry.objects.filter(action="exported")
    assert set(written.values_list("reference", "actor__username")) == {(lead, "owner") for lead in leads}


def test_reception_exports_nothing():
    make_lead()
    assert export("email", role="reception").status_code == 403


@pytest.mark.parametrize(
    "period",
    [
        {"first": "2026-11-02", "last": "2026-11-01"},
        {"first": "0001-01-01", "last": "2026-11-01"},
        {"first": "2026-11-01", "last": "9999-12-31"},
    ],
)
def test_an_impossible_period_is_an_error_and_nothing_is_exported(period):
    make_lead()
    response = signed_in(make_staff(role="owner")).post(EXPORT, period | {"columns": ["reference"]})
    assert response.status_code == 422
    assert response.context["form"].errors


def test_too_many_leads_are_refused_and_nothing_is_exported(monkeypatch):
    monkeypatch.setattr(exports, "MAX_LEADS", 1)
    make_lead(), make_lead()
    assert export("reference").status_code == 422
    assert not AccessEntry.objects.exists()
