"""Finds pages by the words of their titles, as people type them."""

from clinic.text import folded


def pages_with_words(pages, words: str):
    """Return the rows of `pages` whose titles, in any language, have each of `words`.

    Databases fold letters each in its own way, if at all, and there are a few dozen pages: they are compared here.
    """
    wanted = folded(words).split()
    found = [
        pk
        for pk, *titles in pages.values_list("pk", "title_it", "title_en")
        if all(word in folded(" ".join(filter(None, titles))) for word in wanted)
    ]
    return pages.filter(pk__in=found)
