"""Citations: "(Lahiri 2009)" in a text, shown as small numbered links to the page's list of sources and back."""

import re
from collections.abc import Iterable, Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from treatments.models.parts import Source

# "(Lahiri 2009; EMA 2023)" with the space before it; labels hold no brackets and no markup.
GROUP = re.compile(r"\s?\(([^()<>]*\d[^()<>]*)\)")


def labels(html: str) -> Iterator[str]:
    """Yield what may be the labels of sources in `html`, in their order."""
    for group in GROUP.finditer(html):
        yield from group[1].split("; ")


class Citations:
    """The sources of one page, numbered, and the places in its text that cite each."""

    def __init__(self, sources: Iterable[Source]):
        fields = ("label", "text", "url", "language", "note")
        self.sources: list[dict] = [
            {name: getattr(source, name) or "" for name in fields} | {"number": number, "places": []}
            for number, source in enumerate(sources, start=1)
        ]
        self._by_label = {source["label"]: source for source in self.sources if source["label"]}

    def link(self, html: str) -> SafeString:
        """Return `html` with every group of known labels as links; other brackets stay as they are."""
        return mark_safe(GROUP.sub(self._linked, html or ""))  # noqa: S308 - cleaned when saved, escaped here

    def _linked(self, group: re.Match) -> str:
        cited = group[1].split("; ")
        if not set(cited) <= set(self._by_label):
            return group[0]
        marks = format_html_join("", "{}", ([self._mark(self._by_label[label])] for label in cited))
        return format_html('<span class="cite">{}</span>', marks)

    def _mark(self, source: dict) -> SafeString:
        place = f"cite-{source['number']}-{len(source['places']) + 1}"
        source["places"].append(place)
        return format_html(
            '\u00a0<a href="#source-{0}" id="{1}" aria-label="{2}">[{0}]</a>',
            source["number"],
            place,
            gettext("Source %(number)d: %(label)s") % {"number": source["number"], "label": source["label"]},
        )
