"""The network address of the client, read from X-Forwarded-For behind trusted proxies."""

import ipaddress
import re

from django.conf import settings

# Some proxies write the client's port too: 192.0.2.1:50001, [2001:db8::1]:50001.
WITH_PORT = re.compile(r"\[(?P<v6>.+)\](:\d+)?|(?P<v4>[\d.]+):\d+")


def source_address(request) -> str:
    """Return the client's address as the outermost of our own proxies saw it.

    What is further left in X-Forwarded-For was written by the client. A household with IPv6 has a whole /64 and counts
    as one source: the network is returned.
    """
    address_seen = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - a unix socket has no address
    if settings.TRUSTED_PROXIES:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(chain) >= settings.TRUSTED_PROXIES:
            address_seen = chain[-settings.TRUSTED_PROXIES]
    if found := WITH_PORT.fullmatch(address_seen.strip('"')):
        address_seen = found["v6"] or found["v4"]
    try:
        address = ipaddress.ip_address(address_seen.partition("%")[0])
    except ValueError:
        return "0.0.0.0"  # noqa: S104
    if address.version == 4 or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
