"""Every setting of the site, in one file; what differs between machines comes from the environment.

The variables are listed in .env.example. A bad value stops the start with one sentence that says what to change. This
module only reads, with one exception: it creates the key files of a new site, since Django itself needs SECRET_KEY.
"""

import os
from pathlib import Path

from cryptography.fernet import Fernet
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django_prose_editor.config import html_tags
from environ import Env
from js_asset import static_lazy

from clinic import environment
from clinic.database import sqlite_file
from clinic.encryption import age, keys
from clinic.logging import OURS

BASE_DIR = Path(__file__).resolve().parent.parent
environment.load(BASE_DIR / ".env")


def name_of_owner(path):
    """Return the name of the user who owns `path`, or the number of one without a name here."""
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"


# --- Files ---------------------------------------------------------------------------------------
DEBUG = environment.flag("DEBUG")
VAR_DIR = Path(environment.text("VAR_DIR") or BASE_DIR / "var").resolve()
if os.geteuid() == 0 and VAR_DIR.exists() and VAR_DIR.stat().st_uid != 0:
    # The site could not read or continue what root writes there: the next nightly backup would fail.
    raise ImproperlyConfigured(
        f"VAR_DIR {VAR_DIR} belongs to another user: run this as {name_of_owner(VAR_DIR)} (server: clinic COMMAND)."
    )

# --- The address of the site; its scheme decides cookies, HSTS and the redirect to https -----------
PORT = environment.number("PORT", 8000, least=1, most=65535)
WEB_CONCURRENCY = environment.number("WEB_CONCURRENCY", min(os.cpu_count() or 1, 4), least=1, most=64)
_site = environment.site_address("SITE_URL", f"http://127.0.0.1:{PORT}")
SITE_URL = _site.geturl()
HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = [_site.netloc.removesuffix(f":{_site.port}"), *([] if HTTPS else ["localhost", "127.0.0.1", "[::1]"])]
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0, most=10)

# --- The database --------------------------------------------------------------------------------
SQLITE_FILE = VAR_DIR / "db.sqlite3"
try:
    _database = Env.db_url_config(environment.text("DATABASE_URL", f"sqlite:///{SQLITE_FILE}"))
    if _database["ENGINE"].rsplit(".", 1)[-1] not in {"sqlite3", "postgresql"} or _database["NAME"] in {"", ":memory:"}:
        raise ValueError
except (ValueError, KeyError, ImproperlyConfigured) as error:
    raise ImproperlyConfigured(
        "DATABASE_URL must be like postgres://user:password@host:5432/name or sqlite:////folder/file.sqlite3"
        f"{environment.SPECIAL_CHARACTERS}."
    ) from error
if _database["ENGINE"].endswith("sqlite3"):
    SQLITE_FILE = BASE_DIR / _database["NAME"]
    _database |= {
        "ENGINE": "clinic.database.sqlite3",
        "NAME": sqlite_file.uri(SQLITE_FILE),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        },
        "TEST": {"NAME": None},
    }
else:
    _database["OPTIONS"] = {
        "connect_timeout": 5,
        # A network that goes silent is an error after some five seconds, not after the kernel's quarter of an hour:
        # tcp_user_timeout (milliseconds) while sending, keepalives (seconds) while waiting for an answer.
        "tcp_user_timeout": 5000,
        "keepalives_idle": 5,
        "keepalives_interval": 1,
        # The server also releases the locks of a connection that was lost: a patient who sends again meets none.
        "options": "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s",
    } | _database.get("OPTIONS", {})
DATABASES = {"default": _database | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# --- Keys ------------------------------------------------------------------------------------------
KEYS_DIR = VAR_DIR / "keys"


def data_exists():
    """Return whether there is, or was, data here that a new key could not read."""
    if sqlite_file.leftovers(VAR_DIR, SQLITE_FILE):
        return True
    if _database["ENGINE"] == "clinic.database.sqlite3":
        return SQLITE_FILE.exists() and SQLITE_FILE.stat().st_size > 0
    return keys.are_recorded(_database)


def key(name, generate, *, may_create=lambda: not data_exists()):
    """Return key `name` from the environment, else from VAR_DIR/keys, where the first run creates it."""
    return environment.text(name) or keys.read_or_create(
        name, folder=KEYS_DIR, generate=generate, may_create=may_create
    )


SECRET_KEY = key("SECRET_KEY", keys.random_key)
FIELD_KEYS = [part.strip() for part in key("FIELD_KEYS", keys.fernet_key).split(",") if part.strip()]
DIGEST_KEY = key("DIGEST_KEY", keys.random_key)
try:
    [Fernet(value) for value in FIELD_KEYS]
except ValueError as error:
    raise ImproperlyConfigured(
        "FIELD_KEYS must hold Fernet keys (32 bytes in URL-safe base64, newest first, separated by commas): "
        "`openssl rand -base64 32 | tr '+/' '-_'` makes one."
    ) from error
if not FIELD_KEYS:
    raise ImproperlyConfigured("FIELD_KEYS is empty: set it, or remove it to let the site make one.")
for _name, _value in {"SECRET_KEY": SECRET_KEY, "DIGEST_KEY": DIGEST_KEY}.items():
    if len(_value) < 32:
        raise ImproperlyConfigured(f"{_name} is too short: give it at least 32 random characters.")

# Backups are encrypted for BACKUP_RECIPIENT (public) and opened with BACKUP_KEY (private). With the first alone the
# server makes backups that it cannot open: BACKUP_KEY is then '' here.
BACKUP_RECIPIENT = environment.text("BACKUP_RECIPIENT")
if BACKUP_RECIPIENT:
    BACKUP_KEY = environment.text("BACKUP_KEY") or keys.read("BACKUP_KEY", KEYS_DIR)
else:
    BACKUP_KEY = key("BACKUP_KEY", age.new_identity, may_create=lambda: True)
try:
    _recipient = age.recipient_of(BACKUP_KEY) if BACKUP_KEY else BACKUP_RECIPIENT
except ValueError as error:
    raise ImproperlyConfigured(
        "BACKUP_KEY must be an age identity (AGE-SECRET-KEY-1...): keep a key of an older kind for the backups made "
        f"with it, take it out of {KEYS_DIR / 'backup_key'} or the environment, and the site makes a new one."
    ) from error
try:
    age.check_recipient(BACKUP_RECIPIENT or _recipient)
except ValueError as error:
    raise ImproperlyConfigured(
        "BACKUP_RECIPIENT must be an age public key (age1...), as age-keygen prints it."
    ) from error
BACKUP_RECIPIENT = BACKUP_RECIPIENT or _recipient
if _recipient != BACKUP_RECIPIENT:
    raise ImproperlyConfigured(
        f"BACKUP_RECIPIENT is not the public key of BACKUP_KEY ({KEYS_DIR / 'backup_key'}, or the environment): "
        "remove the one that is out of date."
    )

# --- Mail --------------------------------------------------------------------------------------------
# Unset: mails wait in the outbox and the desk says so. With DEBUG they may go to the terminal, or nowhere.
EMAIL_URL = environment.text("EMAIL_URL")
EMAIL_TIMEOUT = 10
if DEBUG and EMAIL_URL in {"consolemail://", "dummymail://"}:
    EMAIL_BACKEND = f"django.core.mail.backends.{EMAIL_URL.removesuffix('mail://')}.EmailBackend"
elif EMAIL_URL:
    vars().update(environment.mail_server("EMAIL_URL"))
MAIL_FROM = environment.address("MAIL_FROM")
STAFF_INBOX = environment.addresses("STAFF_INBOX")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM or f"noreply@{_site.hostname}"

# --- Leads -------------------------------------------------------------------------------------------
LEADS_PER_HOUR = environment.number("LEADS_PER_HOUR", 20)

# --- Retention: days, to be confirmed by the clinic; the privacy page shows them -------------------------
# Leads: after the last contact, by status.
KEEP_LEAD_DAYS = {"new": 180, "progress": 180, "answered": 180, "closed": 180, "suspected": 30}
# Proofs of consent: after their lead was erased. The other two: after they were written.
KEEP_CONSENT_YEARS = 5
KEEP_ACCESS_DAYS = 365
KEEP_BACKUP_DAYS = 30
# Earlier texts of the site; what was deleted can be restored for fewer days.
KEEP_REVISION_DAYS = 730
KEEP_DELETED_CONTENT_DAYS = 30

# --- The site's parts ----------------------------------------------------------------------------------
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
INSTALLED_APPS = [
    "modeltranslation",
    "clinic",
    "treatments",
    "questionnaire",
    "contacts",
    "clinic.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.mfa",
    "js_asset",
    "django_prose_editor",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
]
MIDDLEWARE = [
    "clinic.logging.AccessLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clinic.http.middleware.PublicSideWithoutCookies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "clinic.http.middleware.RequestGuard",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.http.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "clinic.http.context_processors.site",
                "django.template.context_processors.request",
                # The admin asks for these two; both are lazy, and no public template touches them.
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Languages: Italian first, English equal -----------------------------------------------------------
LANGUAGE_CODE = "it"
LANGUAGES = [("it", "Italiano"), ("en", "English")]
FORMAT_MODULE_PATH = ["clinic.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Rome"
# A page that does not exist in a language is not shown in it: never text of the other language.
MODELTRANSLATION_FALLBACK_LANGUAGES = ()

# The editor's italics keep the language of words in another language.
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {"js": [static_lazy("js/prose-language.js")], "extensions": {"Italic": html_tags(["em"], {"em": ["lang"]})}}
]

# --- Static files and media -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Pictures are compressed already; source maps are for developers and would take half the time.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "ico", "jpg", "webp", "avif", "map"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic.http.static_files.StaticFiles"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# --- Staff ---------------------------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "clinic.staff.passwords.CommonWordPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
# An invitation, or a new password.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
ACCOUNT_ADAPTER = "clinic.staff.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_METHODS = ["password"]
ACCOUNT_SESSION_REMEMBER = False
# Five wrong passwords for one account from one source, or five wrong codes: a quarter of an hour's pause.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/15m/key"}
MFA_ADAPTER = "clinic.staff.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_RECOVERY_CODES_SHOW_ONCE = MFA_ALLOW_UNVERIFIED_EMAIL = True
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Attempts and used codes are counted for all processes and machines, under digests.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_sharedcache",
        "KEY_FUNCTION": "clinic.staff.adapters.cache_key",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Cookies: staff only, under /admin/ -----------------------------------------------------------------------
# A browser refuses the __Host- prefix without Secure, and Secure cookies on plain http.
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
CSRF_FAILURE_VIEW = "clinic.http.errors.form_refused"
LANGUAGE_COOKIE_NAME = f"{_prefix}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Idle and longest time: clinic.http.middleware.SessionLimits.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Django's own choice would be a cookie more.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Headers ------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
# Always to our own name, whatever name the request gave.
SECURE_SSL_HOST = _site.netloc
SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The owner's decision (docs/decisions.md): HSTS without preload and without subdomains.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
PUBLIC_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
ADMIN_POLICY = PUBLIC_POLICY | {
    "script-src": [SELF, NONCE],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "font-src": [SELF],  # the prose editor's buttons
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": PUBLIC_POLICY}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
}

# --- Logs: to stdout, nothing personal (clinic.logging) -----------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "clinic.logging.JsonFormatter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {
        **{name: {"level": "INFO"} for name in OURS},
        "django": {"level": "WARNING"},
        # The access log has every status; strangers who call the site by wrong names are no trouble of ours.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"level": "ERROR", "handlers": []},
    },
}
