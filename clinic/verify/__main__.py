"""The command: `python3 -m clinic.verify https://www.example.org`, or on a server `clinic verify URL`."""

import argparse
import http.client
import sys
from urllib.parse import urlsplit

from clinic.verify.checks import CHECKS
from clinic.verify.site import Site


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", type=address_of_site, help="like https://www.example.org")
    parser.add_argument(
        "--connect", type=host_and_port, metavar="HOST:PORT", help="where it is, if its name says otherwise"
    )
    parser.add_argument("--connect-plain", type=host_and_port, metavar="HOST:PORT", help="likewise, for http")
    parser.add_argument("--ca", metavar="FILE", help="the certificate to trust instead of the known authorities")


def address_of_site(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise argparse.ArgumentTypeError("write it like https://www.example.org: http or https, a host, no path")
    return f"{parts.scheme}://{parts.netloc}"


def host_and_port(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError("write it like 192.0.2.1:443")
    return host.strip("[]"), int(port)


def verify(site: Site) -> bool:
    """Print a line for each check that finds nothing and for each trouble; return whether all is well."""
    is_well = True
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            troubles = list(check(site))
        except (OSError, http.client.HTTPException) as error:
            troubles = [f"no answer: {error}"]
        for trouble in troubles:
            print(f"TROUBLE  {name}: {trouble}")
        if not troubles:
            print(f"well     {name}: {check.__doc__}")
        is_well = is_well and not troubles
    return is_well


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python3 -m clinic.verify", description="Check a running site from outside.")
    add_arguments(parser)
    given = parser.parse_args()
    sys.exit(0 if verify(Site(given.url, given.connect, given.connect_plain, given.ca)) else 1)
