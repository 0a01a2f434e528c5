"""Cross-site request protection for public forms without a cookie: a POST must come from the site's own pages."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.views.decorators.csrf import csrf_exempt


def is_same_origin(request) -> bool:
    """Return whether a POST comes from this site.

    Sec-Fetch-Site decides if the browser sends it; otherwise Origin must be the request's own scheme and host. A client
    that sends neither (a text browser, an old phone) is accepted: public forms use no cookie that could be abused.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def same_origin(view):
    """Refuse (403) a POST from another site; replaces Django's CSRF check, which needs a cookie."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        if request.method == "POST" and not is_same_origin(request):
            raise PermissionDenied
        # The pages are UTF-8. A charset named by the request could decode to characters that the database refuses.
        request.encoding = "utf-8"
        return view(request, *args, **kwargs)

    return csrf_exempt(wrapper)
