"""{% contact_form %}: the form by which patients write to the centre, for any page of the site."""

from django import template

from contacts.forms import ContactForm

register = template.Library()


@register.inclusion_tag("contacts/_contact_form.html", takes_context=True)
def contact_form(context, form=None, self_check="", source=None):
    """Show `form`, or an empty one that knows which page it stands on and carries the sealed answers."""
    if form is None:
        source = context["request"].path if source is None else source
        form = ContactForm(initial={"source": source, "self_check": self_check})
    return {"form": form, "clinic": context.get("clinic")}
