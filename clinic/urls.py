"""URLs of the site."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from clinic import views
from clinic.http import health
from treatments import views as pages
from treatments.sitemaps import sitemap

handler400 = "clinic.http.errors.bad_request"
handler403 = "clinic.http.errors.permission_denied"
handler404 = "clinic.http.errors.not_found"
handler500 = "clinic.http.errors.server_error"

urlpatterns = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("robots.txt", views.robots),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(".well-known/security.txt", views.security_txt),
    path("admin/account/", include("clinic.staff.sign_in")),
    path("admin/language/", set_language, name="set_language"),
    re_path(r"^media/photos/(?P<file>[0-9a-f]{16}-[0-9]{2,4}\.(?:avif|webp))$", pages.photo_file),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("questionnaire.urls")),
        path("", include("contacts.urls")),
        path(_("accessibility/"), views.accessibility, name="accessibility"),
        # Last: conditions are at the language root.
        path("", include("treatments.urls")),
    ),
]
