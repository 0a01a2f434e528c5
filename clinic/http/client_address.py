"""Where a request comes from, as far as our own proxies can be believed."""

import ipaddress

from django.conf import settings


def source_address(request) -> str:
    """Return the network address of the visitor: what the outermost of our own proxies saw.

    Whatever stands further left in X-Forwarded-For was written by the visitor. A household with IPv6 owns a whole
    /64 and counts as one source.
    """
    seen = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - a unix socket has no address
    if settings.TRUSTED_PROXIES:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(chain) >= settings.TRUSTED_PROXIES:
            seen = chain[-settings.TRUSTED_PROXIES]
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return "0.0.0.0"  # noqa: S104
    if address.version == 4 or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
