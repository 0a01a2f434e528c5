"""{% contact_form %}: the form by which patients write to the centre, for any page of the site."""

from functools import lru_cache

from crispy_forms.utils import render_crispy_form
from django import template
from django.utils.translation import get_language

from contacts.forms import ContactForm

register = template.Library()


@register.inclusion_tag("contacts/_contact_form.html", takes_context=True)
def contact_form(context, form=None, self_check="", source=None):
    """Show `form`, or an empty one that knows which page it stands on and carries the sealed answers."""
    fields = "" if form or self_check else empty_fields(get_language())
    if form is None:
        source = context["request"].path if source is None else source
        form = ContactForm(initial={"source": source, "self_check": self_check})
    return {"form": form, "fields": fields, "clinic": context.get("clinic")}


@lru_cache
def empty_fields(language):
    """Return the fields as they stand under every page: to render them costs as much as a quarter of a page."""
    return render_crispy_form(ContactForm())
