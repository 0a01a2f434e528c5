"""URLs of the contact form, its thanks, the withdrawal and the privacy notice."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from contacts.intake import views

app_name = "contacts"
urlpatterns = [
    path(_("contact/"), views.contact, name="contact"),
    path(_("contact/sent/<str:reference>/"), views.thanks, name="thanks"),
    path(_("contact/withdraw/<str:token>/"), views.withdraw, name="withdraw"),
    path(_("privacy/"), views.privacy, name="privacy"),
]
