"""The Atom feed of the news, one per language."""

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from clinic.facts import facts
from clinic.links import absolute
from treatments.models import Page

MAX_ITEMS = 20


class NewsFeed(Feed):
    feed_type = Atom1Feed

    def title(self):
        return f"{_('News')} · {facts.current().display_name}"

    def subtitle(self):
        return _("News on vitiligo and its treatments, with dated sources.")

    def link(self):
        return absolute(reverse("treatments:news_list"))

    def feed_url(self):
        return absolute(reverse("treatments:feed"))

    def items(self):
        return Page.objects.public().filter(kind=Page.Kind.NEWS)[:MAX_ITEMS]

    def item_title(self, page):
        return page.title

    def item_description(self, page):
        return page.summary

    def item_link(self, page):
        return absolute(page.get_absolute_url())

    def item_pubdate(self, page):
        return page.published_at

    def item_updateddate(self, page):
        return max(page.updated_at, page.published_at)
