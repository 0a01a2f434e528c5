"""The door of public forms: a post must come from the site's own pages (no cookie is needed to know that)."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.views.decorators.csrf import csrf_exempt


def is_same_origin(request) -> bool:
    """Say whether a POST comes from this site.

    Sec-Fetch-Site decides when the browser sends it; else Origin must be the request's own scheme and host;
    a client that sends neither (a text browser, an old phone) is let in, since no cookie is at stake.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def same_origin(view):
    """Refuse (403) a POST from another site; stands in the place of Django's cookie-bound CSRF check."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and not is_same_origin(request):
            raise PermissionDenied
        # As the page was sent; another charset, which a request may name, can write what no database takes.
        request.encoding = "utf-8"
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)
