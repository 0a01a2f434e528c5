"""The drawings that stand for pages (templates/treatments/_drawing.html, static/img/share)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Drawing(models.TextChoices):
    """The drawing of a page's card, above news, and in the picture that is shared."""

    SKIN = "skin", _("Skin with white patches")
    TREATMENTS = "treatments", _("Treatments")
    NEEDLE = "needle", _("Needle and pigment")
    RISK = "risk", _("A patch that grows")
    VISIT = "visit", _("Wood's lamp")
    PEOPLE = "people", _("People")
    COSTS = "costs", _("Estimate")
    CHILD = "child", _("Kite")
    QUESTIONS = "questions", _("Question and answer")
    FAMILY = "family", _("Family")
    CROWD = "crowd", _("One among many")
    INK = "ink", _("Ink bottle")
    CREAM = "cream", _("Tube of cream")
