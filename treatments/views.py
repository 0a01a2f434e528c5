"""The public information pages, and their preview for staff."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags
from django.views.decorators.http import require_safe

from clinic.caching.page_cache import cached_page
from treatments.citations import Citations
from treatments.models import Page

NEWS_PER_PAGE = 12
CARD_ORDER = [Page.Kind.CONDITION, Page.Kind.OVERVIEW, Page.Kind.TREATMENT, Page.Kind.INFORMATION]
WORDS_A_MINUTE = 200


def render_page(request, page, **context):
    """Render `page` in the active language."""
    cards = Page.objects.public().for_cards()
    context |= {
        "page": page,
        "alternates": page.alternates(),
        **page_text(page),
        "page_cards": sorted(
            (card for card in cards if card.kind in CARD_ORDER and card != page),
            key=lambda card: (CARD_ORDER.index(card.kind), card.pk),
        ),
        "news_cards": [card for card in cards if card.kind == Page.Kind.NEWS],
    }
    return render(request, f"treatments/{page.kind if page.kind in Page.SINGLE else 'page'}.html", context)


def page_text(page: Page) -> dict:
    """Return the text of `page` in the active language, its citations numbered in reading order."""
    citations = Citations(page.sources.all())
    in_short, sections, faqs = citations.link(page.in_short), page.written_sections(), page.written_faqs()
    for section in sections:
        section.html = citations.link(section.body)
    for faq in faqs:
        faq.html = citations.link(faq.answer)
    texts = [in_short, *(section.html for section in sections), *(faq.html for faq in faqs)]
    words = strip_tags(" ".join(texts)).split()
    return {
        "in_short": in_short,
        "sections": sections,
        "faqs": faqs,
        "sources": citations.sources,
        "minutes": -(-len(words) // WORDS_A_MINUTE),
    }


def public_page(**lookup):
    return get_object_or_404(Page.objects.public(), **lookup)


@require_safe
@cached_page
def home(request):
    return render_page(request, public_page(kind=Page.Kind.HOME))


@require_safe
@cached_page
def overview(request):
    return render_page(request, public_page(kind=Page.Kind.OVERVIEW))


@require_safe
@cached_page
def treatment(request, slug):
    return render_page(request, public_page(kind=Page.Kind.TREATMENT, slug=slug))


@require_safe
@cached_page
def root_page(request, slug):
    return render_page(request, public_page(kind__in=Page.AT_ROOT, slug=slug))


@require_safe
@cached_page
def news(request, slug):
    return render_page(request, public_page(kind=Page.Kind.NEWS, slug=slug))


@require_safe
@cached_page
def news_list(request, number=1):
    paginator = Paginator(Page.objects.public().filter(kind=Page.Kind.NEWS), NEWS_PER_PAGE)
    if not 1 <= number <= paginator.num_pages:
        raise Http404
    context = {"news": paginator.page(number), "alternates": news_list_alternates(number)}
    return render(request, "treatments/news_list.html", context)


def news_list_alternates(number):
    """Return {language: path} of page `number` of the news in the languages that have so many."""
    paths = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            if Paginator(Page.objects.public().filter(kind=Page.Kind.NEWS), NEWS_PER_PAGE).num_pages >= number:
                args = [number] if number > 1 else []
                paths[language] = reverse(f"treatments:news_list{'_page' if args else ''}", args=args)
    return paths


def preview(request, page, language):
    """Render `page` for staff as it will look in `language` (called by PageAdmin, under /admin/)."""
    with translation.override(language):
        return render_page(request, page, preview=True)


@require_safe
def photo_file(request, file):
    """Serve one file of a photograph: its name is random and its content never changes."""
    try:
        opened = default_storage.open(f"photos/{file}")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(opened, content_type=f"image/{file.rsplit('.', 1)[1]}")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
