"""The sitemap: each public address with its alternate in the other language."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic import links
from treatments.models import LANGUAGES, Page

# Pages that always exist.
FIXED = ("treatments:news_list", "questionnaire:questionnaire", "contacts:contact", "contacts:privacy", "accessibility")


def entries():
    """Yield (address, time of the last change or None, alternates) for every public page."""
    public = {page.pk: page for language in LANGUAGES for page in Page.objects.public(language=language)}
    pages = [(page.alternates(), page.updated_at) for page in public.values()]
    fixed = [(links.in_each_language(name), None) for name in FIXED]
    for paths, changed_at in pages + fixed:
        for path in paths.values():
            yield links.absolute(path), changed_at, links.alternates(paths)


@require_safe
def sitemap(request):
    return render(request, "treatments/sitemap.xml", {"entries": entries()}, content_type="application/xml")
