"""URLs of the information pages; conditions and information are at the language root, last."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from treatments import views
from treatments.feeds import NewsFeed

app_name = "treatments"
urlpatterns = [
    path("", views.home, name="home"),
    path(_("treatments/"), views.overview, name="overview"),
    path(_("treatments/<slug:slug>/"), views.treatment, name="treatment"),
    path(_("news/"), views.news_list, name="news_list"),
    path(_("news/page/<int:number>/"), views.news_list, name="news_list_page"),
    path(_("news/feed.atom"), require_safe(NewsFeed()), name="feed"),
    path(_("news/<slug:slug>/"), views.news, name="news"),
    path("<slug:slug>/", views.root_page, name="root_page"),
]
