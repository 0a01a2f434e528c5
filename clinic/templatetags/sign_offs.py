"""What the desk's home says about the law: who runs the site, and what is still to be confirmed."""

from django import template
from django.conf import settings

from clinic.models import SignOff

register = template.Library()


@register.simple_tag
def is_https() -> bool:
    """Return whether the site stands at an address on the internet."""
    return settings.HTTPS


@register.simple_tag
def missing_sign_offs() -> list[str]:
    return SignOff.missing()
