"""What search engines should know of, in both languages."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from treatments.models import Page


class PageSitemap(Sitemap):
    """The public pages of one language; each lists its form in the other as an alternate."""

    def __init__(self, language):
        self.language = language

    def items(self):
        return list(Page.objects.public(language=self.language))

    def location(self, page):
        return page.address(self.language)

    def lastmod(self, page):
        return page.updated_at


class FixedSitemap(Sitemap):
    """The addresses that always exist."""

    i18n = alternates = x_default = True

    def items(self):
        return [
            "treatments:news_list",
            "questionnaire:questionnaire",
            "contacts:contact",
            "contacts:privacy",
            "accessibility",
        ]

    def location(self, name):
        return reverse(name)


SITEMAPS = {"it": PageSitemap("it"), "en": PageSitemap("en"), "fixed": FixedSitemap()}
