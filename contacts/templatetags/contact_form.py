"""{% contact_form %}: the form by which patients write to the centre, for any page of the site."""

from functools import lru_cache

from crispy_forms.utils import render_crispy_form
from django import template
from django.utils.translation import get_language

from contacts.intake.forms import ContactForm, seal_source

register = template.Library()


@register.inclusion_tag("contacts/_contact_form.html", takes_context=True)
def contact_form(context, form=None, self_check=""):
    """Show `form`, or an empty one that knows which page it stands on and carries the sealed answers."""
    source = form["source"].value() or "" if form else seal_source(context["request"].path)
    if self_check and not form:
        form = ContactForm(initial={"self_check": self_check})
    fields = render_crispy_form(form) if form else empty_fields(get_language())
    shared = {name: context.get(name) for name in ("clinic", "not_stored")}
    return {"form": form, "fields": fields, "source": source, **shared}


@lru_cache
def empty_fields(language):
    """Return the fields as they stand under every page: to make and render them costs a quarter of a page."""
    return render_crispy_form(ContactForm())
