"""What the desk's home says about the law: who runs the site, and what is still to be confirmed."""

from django import template
from django.conf import settings

from clinic.models import Professional, SignOff

register = template.Library()


@register.simple_tag
def is_https() -> bool:
    """Return whether the site stands at an address on the internet."""
    return settings.HTTPS


@register.simple_tag
def missing_sign_offs() -> list[str]:
    return SignOff.missing()


@register.simple_tag
def people_with_gaps() -> list[tuple[Professional, list[str]]]:
    """Return (person, names of the facts still to fill in) of the people of the centre."""
    return [(person, missing) for person in Professional.objects.all() if (missing := person.missing())]
