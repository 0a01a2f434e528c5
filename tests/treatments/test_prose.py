"""Sanitizing of formatted text on the server."""

import pytest

from treatments.models import Faq, Page, Section
from treatments.prose import clean


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<p onclick="alert(1)">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<img src="https://example.org/x.gif">',
        '<iframe src="https://example.org"></iframe>',
        '<p style="position:fixed">x</p>',
        "<style>p{display:none}</style>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    ],
)
def test_only_what_the_editor_offers_is_kept(hostile):
    kept = clean(hostile)
    for trace in ("script", "alert", "data:", "<img", "<iframe", "style", "<svg", "<math", "<form"):
        assert trace not in kept.lower()


def test_links_keep_only_their_href():
    kept = clean('<p><a href="/it/vitiligine/" target="_blank" rel="nofollow" class="x">x</a></p>')
    assert kept == '<p><a href="/it/vitiligine/">x</a></p>'


def test_an_empty_text_is_empty():
    assert clean("<p></p>") == clean("<p><br></p><p>&nbsp;</p>") == ""


def test_paragraphs_that_the_editor_adds_in_list_items_and_cells_are_removed():
    assert clean("<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>") == "<ul><li>a<ul><li>b</li></ul></li></ul>"
    assert clean("<ul><li><p>a</p><p>b</p></li></ul>") == "<ul><li><p>a</p><p>b</p></li></ul>"


def test_header_cells_of_a_table_get_a_scope():
    drawn = (
        "<table><tbody><tr><th><p>A</p></th><th><p>B</p></th></tr><tr><th>C</th><td><p>d</p></td></tr></tbody></table>"
    )
    kept = clean(drawn)
    assert '<thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>' in kept
    assert '<tbody><tr><th scope="row">C</th><td>d</td></tr></tbody>' in kept
    assert clean("<table><tr><td>a</td></tr></table>") == "<table><tbody><tr><td>a</td></tr></tbody></table>"


@pytest.mark.django_db
def test_sanitizing_does_not_change_the_initial_content():
    texts = [text for page in Page.objects.all() for text in (page.in_short_it, page.in_short_en)]
    texts += [text for section in Section.objects.all() for text in (section.body_it, section.body_en)]
    texts += [text for faq in Faq.objects.all() for text in (faq.answer_it, faq.answer_en)]
    assert len(texts) > 100
    for text in texts:
        assert clean(text) == text
