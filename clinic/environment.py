"""Reads settings from the environment and from the .env file; a bad value is an error with what to change."""

import os
import re
from difflib import get_close_matches
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

# Every variable that the site reads; .env.example explains them.
NAMES = (
    "SITE_URL", "PORT", "VAR_DIR", "DATABASE_URL", "SECRET_KEY", "FIELD_KEYS", "DIGEST_KEY", "BACKUP_KEY",
    "BACKUP_RECIPIENT", "EMAIL_URL", "MAIL_FROM", "STAFF_INBOX", "LEADS_PER_HOUR", "TRUSTED_PROXIES",
    "WEB_CONCURRENCY", "DEBUG",
)  # fmt: skip
# Read elsewhere: by move_database, and by the tests.
OTHER_NAMES = {"NEW_DATABASE_URL", "TEST_DATABASE_URL", "TEST_POSTGRES_URL"}
OUR_FIRST_WORDS = {"SITE", "STAFF", "MAIL", "EMAIL", "LEADS", "TRUSTED", "FIELD", "DIGEST"}
LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=(?P<value>.*)")
QUOTED = re.compile(r"""(?P<quote>["'])(?P<text>.*)(?P=quote)\s*(?:\s#.*)?""")
SPECIAL_CHARACTERS = "; in the password, whatever is neither letter nor digit is written as %XX (# is %23)"
# Scheme: default port, whether TLS begins after a plain greeting (STARTTLS), or at once.
MAIL_SCHEMES = {"smtp": (25, False, False), "smtp+tls": (587, True, False), "smtps": (465, False, True),
                "smtp+ssl": (465, False, True)}  # fmt: skip


def load(file: Path) -> None:
    """Add the variables of `file`, if it exists, to those of the process, which win; refuse misspelt names in both."""
    given = read_file(file) if file.exists() else {}
    for name in given:
        refuse_misspelt(name, place=f" in {file}", similarity=0.75)
    for name, value in os.environ.items():
        if value:
            refuse_misspelt(name, place="", similarity=0.85)
    for name, value in given.items():
        os.environ.setdefault(name, value)


def read_file(file: Path) -> dict[str, str]:
    """Return the variables of a .env file, values as they stand: NAME=value lines, whatever editor wrote them."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{file} is not in UTF-8: save it as plain text in UTF-8.") from None
    except OSError as error:
        raise ImproperlyConfigured(f"{file} cannot be read ({error.strerror}): let the site's user read it.") from error
    given = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if not found or plain_value(found["value"]) is None:
            # Not the line itself: it may hold a password.
            raise ImproperlyConfigured(f"Line {number} of {file} must be like NAME=value, with quotes in pairs.")
        given[found["name"]] = found["value"]
    return given


def plain_value(raw: str) -> str | None:
    """Return a value without its spaces, quotes and comment; None if a quote does not end.

    systemd and `docker --env-file` hand over values with what this removes, so it holds for the environment too.
    """
    if quoted := QUOTED.fullmatch(raw.strip()):
        return re.sub(r"\\(.)", r"\1", quoted["text"]) if quoted["quote"] == '"' else quoted["text"]
    return None if raw.lstrip().startswith(('"', "'")) else re.sub(r"\s+#.*", "", raw).strip()


def refuse_misspelt(name: str, *, place: str, similarity: float) -> None:
    """Raise ImproperlyConfigured if `name` is none of ours but looks like one."""
    if name in NAMES or name in OTHER_NAMES:
        return

    first_word = name.upper().partition("_")[0] if "_" in name else ""
    kin = [ours for ours in NAMES if first_word in OUR_FIRST_WORDS and ours.startswith(f"{first_word}_")]
    if not kin and len(name) <= 4:
        return
    candidates = {ours.replace("_", ""): ours for ours in kin or NAMES}
    written = name.upper().replace("_", "")
    if nearest := get_close_matches(written, candidates, n=1, cutoff=0 if kin else similarity):
        right = candidates[nearest[0]]
        raise ImproperlyConfigured(f"{name}{place} is no setting of the site: write {right}, or remove it.")


def text(name: str, default: str = "") -> str:
    """Return variable `name`; unset or empty is `default`."""
    raw = os.environ.get(name, "")
    value = plain_value(raw)
    return (raw if value is None else value) or default


def number(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    """Return the whole number in variable `name`."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}.")
    return int(value)


def flag(name: str) -> bool:
    """Return whether variable `name` is true; unset is false."""
    value = text(name, "0").lower()
    if value not in {"0", "1", "false", "true", "no", "yes", "off", "on"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0.")
    return value in {"1", "true", "yes", "on"}


def site_address(name: str, default: str) -> SplitResult:
    """Return the address in variable `name` as browsers write it: lower case, punycode, no default port."""
    try:
        parts = urlsplit(text(name, default))
        host = (parts.hostname or "").rstrip(".")
        if ":" in host:
            host = f"[{host}]"
        elif not host.isascii():
            host = host.encode("idna").decode()
        port = parts.port if parts.port != {"http": 80, "https": 443}.get(parts.scheme) else None
        has_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        is_valid = parts.scheme in {"http", "https"} and re.fullmatch(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]", host)
        if has_more or not is_valid:
            raise ValueError
    except ValueError:  # the port is no number, or the name no domain
        raise ImproperlyConfigured(
            f"{name} must be like https://www.example.org: http or https, a host, no path."
        ) from None
    return SplitResult(parts.scheme, f"{host}:{port}" if port else host, "", "", "")


def address(name: str) -> str:
    """Return the one email address in variable `name`, which may have a name before it; unset is ''."""
    value = text(name)
    if value and len(valid_addresses(value)) != 1:
        raise ImproperlyConfigured(f"{name} must be one email address.")
    return value


def addresses(name: str) -> str:
    """Return the email addresses in variable `name`, separated by commas or semicolons; unset is ''."""
    value = text(name)
    if value and not valid_addresses(value.replace(";", ",").strip(" ,")):
        raise ImproperlyConfigured(f"{name} must be one email address, or several with commas between them.")
    return value


def valid_addresses(value: str) -> list[str]:
    """Return the addresses in `value` without the names before them; none if one of them is not valid."""
    plain = [address for _name, address in getaddresses([value])]
    try:
        for address in plain:
            validate_email(address)
    except ValidationError:
        return []
    return plain


def mail_server(name: str) -> dict:
    """Return Django's settings for the mail server in variable `name`."""
    try:
        parts = urlsplit(text(name))
        default_port, is_starttls, is_tls = MAIL_SCHEMES[parts.scheme]
        port = parts.port or default_port
        if not parts.hostname or " " in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError
    except (ValueError, KeyError):
        raise ImproperlyConfigured(
            f"{name} must be like smtp+tls://user:password@mail.example.org:587, or smtps:// for TLS from the start "
            f"(port 465){SPECIAL_CHARACTERS}."
        ) from None
    if port == 465 and not is_tls:
        # STARTTLS would wait there for a greeting that never comes.
        raise ImproperlyConfigured(f"{name}: port 465 speaks TLS from the start: write smtps:// before it.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": is_starttls,
        "EMAIL_USE_SSL": is_tls,
    }
