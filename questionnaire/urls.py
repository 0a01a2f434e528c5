"""The URL of the self-check."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from questionnaire import views

app_name = "questionnaire"
urlpatterns = [path(_("questionnaire/"), views.questionnaire, name="questionnaire")]
