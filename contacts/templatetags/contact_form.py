"""{% contact_form %}: the form with which patients write to the centre, for any page."""

from functools import lru_cache

from crispy_forms.utils import render_crispy_form
from django import template
from django.utils.translation import get_language

from contacts.intake.forms import ContactForm, sign_source

register = template.Library()


@register.inclusion_tag("contacts/_contact_form.html", takes_context=True)
def contact_form(context, form=None, self_check=""):
    """Render `form`, or an empty one with the current page and the encrypted answers in hidden fields."""
    source = form["source"].value() or "" if form else sign_source(context["request"].path)
    if self_check and not form:
        form = ContactForm(initial={"self_check": self_check})
    fields = render_crispy_form(form) if form else empty_fields(get_language())
    shared = {name: context.get(name) for name in ("clinic", "not_stored")}
    return {"form": form, "fields": fields, "source": source, **shared}


@lru_cache
def empty_fields(language):
    """Return the fields of an empty form: making and rendering them takes a quarter of a page's time."""
    return render_crispy_form(ContactForm())
