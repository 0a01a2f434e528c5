"""The form of a page in the admin."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import UniqueConstraint
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from treatments.models import Page


class PageForm(forms.ModelForm):
    class Meta:
        labels = {
            f"slug_{language}": format_lazy("{} [{}]", _("address of the page (in the link)"), language)
            for language, _name in settings.LANGUAGES
        }

    def clean_published_at(self):
        """Keep a moment that was not changed as it is, to the second."""
        if "published_at" in self.changed_data:
            return self.cleaned_data["published_at"]
        return self.initial.get("published_at")

    def validate_unique(self):
        """Check the addresses of a public page too: Django checks none where the kind is not in the form."""
        super().validate_unique()
        addresses = [each for each in Page._meta.constraints if isinstance(each, UniqueConstraint)]
        for constraint in () if "kind" in self.fields else addresses:
            try:
                constraint.validate(Page, self.instance)
            except ValidationError as error:
                self.add_error(None, error)
