"""{{ name|unstopped }}: a name that ends with a full stop, such as a company's, before the full stop of a sentence."""

from django import template

register = template.Library()


@register.filter
def unstopped(name: str) -> str:
    """Return "Rossi S.r.l" for "Rossi S.r.l.": the sentence adds the full stop again."""
    return name.rstrip(".")
