"""The self-check as a form: three yes/no questions, each asked as two radio buttons."""

from django import forms
from django.utils.translation import gettext_lazy as _

from questionnaire.content import wording
from questionnaire.models import Question
from questionnaire.rules import Answers, Key

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class SelfCheckForm(forms.Form):
    """Fields `diagnosed`, `family`, `patches`, each `yes` or `no`; the wording comes from the database."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        for key in Key:
            question = wording.current()[Question, key]
            self.fields[key] = forms.ChoiceField(
                label=question.text,
                help_text=question.hint,
                choices=YES_NO,
                widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
                error_messages={"required": _("Choose yes or no."), "invalid_choice": _("Choose yes or no.")},
            )

    def clean(self):
        for name in self.fields:
            if len(set(self.data.getlist(name))) > 1:
                self.add_error(name, _("Two different answers arrived: choose one."))

    @property
    def answers(self) -> Answers:
        """The answers of a valid form."""
        return Answers(**{key: self.cleaned_data[key] == "yes" for key in Key})
