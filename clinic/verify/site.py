"""Asks a site as a browser does, one connection a request, with Python's own library."""

import http.client
import socket
import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass(frozen=True)
class Answer:
    """What the site answered; `headers` as they came, repeated ones too."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    def header(self, name: str) -> str:
        return ", ".join(self.headers.get_all(name, []))


@dataclass(frozen=True)
class Site:
    """The site at `url`; the addresses (host, port) take the place of its name's, `ca` of the known authorities."""

    url: str
    address: tuple[str, int] | None = None
    plain_address: tuple[str, int] | None = None
    ca: str | None = None
    known: dict[str, Answer] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https:")

    def connect(self, *, context: ssl.SSLContext | None = None) -> socket.socket:
        """Return a connection to the site; raises an OSError."""
        parts = urlsplit(self.url)
        default = parts.port or (443 if self.is_https else 80)
        plain = socket.create_connection(self.address or (parts.hostname, default), timeout=20)
        if not self.is_https:
            return plain
        try:
            context = context or ssl.create_default_context(cafile=self.ca)
            return context.wrap_socket(plain, server_hostname=parts.hostname)
        except BaseException:
            plain.close()
            raise

    def ask(self, path: str, method: str = "GET", *, name: str = "", body: str | None = None, **headers) -> Answer:
        """Return the answer to one request, sent to the host `name`; raises an OSError or an HTTPException."""
        connection = http.client.HTTPConnection(self.name)
        connection.sock = self.connect()
        try:
            given = {key.replace("_", "-"): value for key, value in headers.items()}
            if body is not None:
                given["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body=body, headers={"Host": name or self.name, **given})
            response = connection.getresponse()
            return Answer(response.status, response.msg, response.read().decode(errors="replace"))
        finally:
            connection.close()

    def plain(self) -> "Site":
        """Return the same site over http."""
        return Site(f"http://{urlsplit(self.url).hostname}", address=self.plain_address)

    def owns(self, path: str, address: str) -> bool:
        """Say whether `address`, as it stands in the answer of `path`, belongs to this site."""
        parts = urlsplit(urljoin(self.url + path, address))
        return parts.scheme == "data" or f"{parts.scheme}://{parts.netloc}" == self.url

    @property
    def sign_in(self) -> str:
        """Return the path that /admin/ leads a stranger to."""
        return urlsplit(urljoin("/admin/", self.get("/admin/").header("Location"))).path

    def get(self, path: str) -> Answer:
        """Return the answer to a plain GET, asked once."""
        if path not in self.known:
            self.known[path] = self.ask(path)
        return self.known[path]


class Loaded(HTMLParser):
    """Collects the addresses that a browser loads with a page, and those that forms send to."""

    def __init__(self, text: str):
        super().__init__()
        self.addresses: list[str] = []
        self.sheets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        rel = set(given.get("rel", "").lower().split())
        if tag == "link" and rel & {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "manifest"}:
            self.addresses.append(given.get("href", ""))
            self.sheets += [given.get("href", "")] if "stylesheet" in rel else []
        self.addresses += [given[name] for name in ("src", "poster", "data", "action", "formaction") if name in given]
        self.addresses += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
