"""Settings, all from the environment; docs/configuration.md has the table.

Every variable has a ``<NAME>_FILE`` twin that names a file holding the value, for secrets.
With nothing set, one machine runs on SQLite, an embedded Redis and local files under ``var/``.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environ.fileaware_mapping import FileAwareMapping

import ocrsite
from recognition.options import DEFAULT_MODEL


class Variables(FileAwareMapping):  # type: ignore[misc]  # the library is untyped
    """The environment; the line break that editors leave at the end of a secret's file is no part of it."""

    def __getitem__(self, key: str) -> str:
        return str(super().__getitem__(key)).rstrip("\r\n")


class Environment(environ.Env):  # type: ignore[misc]
    ENVIRON = Variables()

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The value as it is: the library takes ``$name`` for another variable's value, and secrets may begin so."""
        value = self.ENVIRON.get(var, "")
        if value.startswith("$"):
            return self.parse_value(value, cast)
        return super().get_value(var, cast, *args, **kwargs)


env = Environment()


def env_flag(name: str, default: bool) -> bool:
    """A boolean variable; anything but a clear yes or no is an error, not a no."""
    value = env.str(name, default=str(default)).strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}: write 1 or 0.")


def env_count(name: str, default: int) -> int:
    """A whole number above zero."""
    try:
        value = int(env.str(name, default=str(default)))
    except ValueError:
        value = 0
    if value < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number above zero.")
    return value


def env_limit(name: str) -> int | None:
    """A whole number above zero; None, for no limit, where the variable is not set."""
    return env_count(name, 1) if env.str(name, default="") else None


def env_pairs(name: str) -> list[tuple[str, str]]:
    """``left=right`` pairs, separated by commas; the last ``=`` of a pair parts it."""
    pairs = [each.rpartition("=") for each in env.list(name, default=[]) if each.strip()]
    if not all(left.strip() and right.strip() for left, _, right in pairs):
        raise ImproperlyConfigured(f"{name} must be pairs such as a=b, separated by commas.")
    return [(left.strip(), right.strip()) for left, _, right in pairs]


def kept_secret(path: Path) -> str:
    """The secret in ``path``, made on first use and readable by its owner only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        secret = secrets.token_urlsafe(50)
        file.write(secret)
    return secret


VERSION = ocrsite.__version__
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("OCRSITE_DATA", default=str(BASE_DIR / "var"))).resolve()
try:
    for folder in (DATA_DIR, DATA_DIR / "uploads"):
        folder.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=DATA_DIR).close()
except OSError as error:
    raise ImproperlyConfigured(
        f"The data folder {DATA_DIR} cannot be written to ({error.strerror}). Change its rights or its disk, or choose "
        "another one (OCRSITE_DATA)."
    ) from None

DEBUG = env_flag("OCRSITE_DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret-key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The path under which the site lies where it has a host name together with others: /ocr
FORCE_SCRIPT_NAME = env.str("OCRSITE_PATH", default="").rstrip("/") or None
if FORCE_SCRIPT_NAME and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", FORCE_SCRIPT_NAME):
    raise ImproperlyConfigured(f"OCRSITE_PATH={FORCE_SCRIPT_NAME!r}: write a path such as /ocr.")
COOKIE_PATH = f"{FORCE_SCRIPT_NAME or ''}/"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = COOKIE_PATH

INSTALLED_APPS = [
    "documents",
    "documents.search",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "accounts",
    "django_htmx",
    "django_rq",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "corsheaders",
]

MIDDLEWARE = [
    "ocrsite.middleware.RequestId",
    "ocrsite.compression.Compression",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "ocrsite.middleware.PrivateByDefault",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ocrsite.refusals.ReadableRequests",
    # Before the CSRF check, which receives whatever is uploaded: strangers are sent away with nothing received.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "ocrsite.refusals.LimitedRequests",  # before a body is received, too
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ocrsite.refusals.Refusals",
]

ROOT_URLCONF = "ocrsite.urls"
WSGI_APPLICATION = "ocrsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "ocrsite.template_loader.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                ),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ocrsite.context.version",
            ],
        },
    },
]
FORM_RENDERER = "ocrsite.forms.FormRenderer"

# Database, queue and files: the three URLs that workers on other machines need.

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue up instead of failing half-way when web and workers write at once.
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,  # seconds; whoever waits longer is asked to come back
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that falls silent is noticed within half a minute; TCP by itself would wait for hours.
    silence: dict[str, Any] = {"connect_timeout": 5, "tcp_user_timeout": 30_000}  # seconds, milliseconds
    silence |= {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
    # And the server notices that a host has fallen silent: the locks of its transaction would last for hours.
    silence["options"] = (
        "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        " -c idle_in_transaction_session_timeout=30s"
    )
    DATABASES["default"]["OPTIONS"] = silence | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default=f"unix://{DATA_DIR / 'redis' / 'redis.sock'}")
RQ_QUEUES = {
    name: {
        "URL": REDIS_URL,
        "SERIALIZER": "rq.serializers.JSONSerializer",
        # A page's time is bounded by the worker's own watchdog: RQ's alarm cannot interrupt native code.
        "DEFAULT_TIMEOUT": -1,
        "REDIS_CLIENT_KWARGS": {"socket_timeout": 10},  # seconds; workers that wait for jobs set their own
    }
    for name in ("interactive", "recognition")
}

RQ_SHOW_ADMIN_LINK = False  # jobs are put in line again by the database; nobody has to handle single ones

# What all web processes have to know of each other, such as how often somebody tried to log in.
CACHES = {
    "default": {
        "BACKEND": "ocrsite.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",  # the queue lives there too
    }
}

STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "ocrsite.local_storage.LocalStorage",
        # No URL leads here: originals and page images are served by views that check.
        "OPTIONS": {"location": str(DATA_DIR / "media")},
    },
    "staticfiles": {"BACKEND": "ocrsite.statics.StaticFiles"},
}
if bucket := env.str("S3_BUCKET", default=""):
    STORAGES["default"] = {
        "BACKEND": "ocrsite.storage.BoundedS3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "access_key": env.str("S3_ACCESS_KEY"),
            "secret_key": env.str("S3_SECRET_KEY"),
            "default_acl": None,
            "file_overwrite": False,
            "max_memory_size": 8 * 2**20,  # what is larger waits on disk
        },
    }

OCRSITE_STORAGE_SECONDS = env_count("OCRSITE_STORAGE_SECONDS", 10)
OCRSITE_STORAGE_REQUESTS = env_count("OCRSITE_STORAGE_REQUESTS", 8)

DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a form may name each page of a document
FILE_UPLOAD_HANDLERS = ["documents.ingest.upload.LimitedUpload"]
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"

STATIC_URL = f"{COOKIE_PATH}static/"
WHITENOISE_STATIC_PREFIX = "/static/"  # as addresses are once the path is taken out of them
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Intake and recognition

OCRSITE_DISK_RESERVE = env_count("OCRSITE_DISK_RESERVE", 2**30)
OCRSITE_MAX_BYTES = env_count("OCRSITE_MAX_BYTES", 200 * 1024 * 1024)
OCRSITE_MAX_PIXELS = env_count("OCRSITE_MAX_PIXELS", 120_000_000)
OCRSITE_MAX_PAGES = env_count("OCRSITE_MAX_PAGES", 1000)
OCRSITE_TRASH_DAYS = env_count("OCRSITE_TRASH_DAYS", 30)
OCRSITE_ENGINE = env.str("OCRSITE_ENGINE", default="openvino")
OCRSITE_MODEL = env.str("OCRSITE_MODEL", default=DEFAULT_MODEL)
OCRSITE_DEVICE = env.str("OCRSITE_DEVICE", default="cpu")
OCRSITE_INFERENCE_SOCKET = env.str("OCRSITE_INFERENCE_SOCKET", default="")
OCRSITE_WEIGHTS = Path(env.str("OCRSITE_WEIGHTS", default=str(DATA_DIR / "weights")))
OCRSITE_PAGE_TIMEOUT = env_count("OCRSITE_PAGE_TIMEOUT", 300)
OCRSITE_PAGE_MEGABYTES = env_count("OCRSITE_PAGE_MEGABYTES", 2048)
OCRSITE_PAGE_PROCESSOR_SECONDS = env_count("OCRSITE_PAGE_PROCESSOR_SECONDS", 60)
OCRSITE_LEASE_SECONDS = env_count("OCRSITE_LEASE_SECONDS", 40)
OCRSITE_WORKER_MEGABYTES = env_count("OCRSITE_WORKER_MEGABYTES", 2500)

# Programs

OCRSITE_URL = env.str("OCRSITE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}").rstrip("/")
OCRSITE_URL = OCRSITE_URL.removesuffix(FORCE_SCRIPT_NAME or "")  # addresses have the path already
OCRSITE_WEBHOOK_HOSTS = [host.lower() for host in env.list("OCRSITE_WEBHOOK_HOSTS", default=[])]
OCRSITE_IIIF_HOSTS = [host.lower() for host in env.list("OCRSITE_IIIF_HOSTS", default=[])]
# A language model that proposes corrections: behind an OpenAI-compatible endpoint, Ollama's too. Off without it.
OCRSITE_LLM_URL = env.str("OCRSITE_LLM_URL", default="")
OCRSITE_LLM_MODEL = env.str("OCRSITE_LLM_MODEL", default="")
OCRSITE_LLM_KEY = env.str("OCRSITE_LLM_KEY", default="")
OCRSITE_LLM_PICTURES = env_flag("OCRSITE_LLM_PICTURES", True)
OCRSITE_LLM_SECONDS = env_count("OCRSITE_LLM_SECONDS", 60)
OCRSITE_LLM_TOKENS = env_count("OCRSITE_LLM_TOKENS", 300)
OCRSITE_LLM_LINES = env_count("OCRSITE_LLM_LINES", 500)
# A model that turns texts into vectors, so that people can search by meaning, likewise.
OCRSITE_EMBEDDINGS_URL = env.str("OCRSITE_EMBEDDINGS_URL", default="")
OCRSITE_EMBEDDINGS_MODEL = env.str("OCRSITE_EMBEDDINGS_MODEL", default="")
OCRSITE_EMBEDDINGS_KEY = env.str("OCRSITE_EMBEDDINGS_KEY", default="")
OCRSITE_EMBEDDINGS_SECONDS = env_count("OCRSITE_EMBEDDINGS_SECONDS", 60)
OCRSITE_EMBEDDINGS_QUERY_PREFIX = env.str("OCRSITE_EMBEDDINGS_QUERY_PREFIX", default="")
OCRSITE_EMBEDDINGS_TEXT_PREFIX = env.str("OCRSITE_EMBEDDINGS_TEXT_PREFIX", default="")
# A vision model that reads single hard pages, likewise.
OCRSITE_VISION_URL = env.str("OCRSITE_VISION_URL", default="")
OCRSITE_VISION_MODEL = env.str("OCRSITE_VISION_MODEL", default="")
OCRSITE_VISION_KEY = env.str("OCRSITE_VISION_KEY", default="")
OCRSITE_VISION_PROMPT = env.str(
    "OCRSITE_VISION_PROMPT",
    default="Transcribe all text of this page in reading order, one line of text for each printed or written line. "
    "Keep the characters as they are; do not translate, correct or explain. Answer with the text alone.",
)
OCRSITE_VISION_SECONDS = env_count("OCRSITE_VISION_SECONDS", 300)
OCRSITE_VISION_TOKENS = env_count("OCRSITE_VISION_TOKENS", 8000)

# Which origins' pages may call the API, with a token: the login cookie goes to nobody else's pages.
CORS_ALLOWED_ORIGINS = env.list("OCRSITE_CORS_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "range"]
CORS_EXPOSE_HEADERS = ["Content-Disposition", "ETag", "Location", "Retry-After"]
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "documents.api.schema.ProblemAutoSchema"
}  # the rest is in documents/api/base.py
SPECTACULAR_SETTINGS = {
    "TITLE": "ocrsite",
    "DESCRIPTION": "Documents in, text out. Errors are problem documents (RFC 9457), each with a `code` that stays.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": FORCE_SCRIPT_NAME}] if FORCE_SCRIPT_NAME else [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "documents.api.schema.with_result",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Direction": ["auto", "horizontal", "vertical-rl"],
        "LineDirection": ["horizontal", "vertical-rl"],
        "RunState": "documents.models.RunState",
        "PageState": "documents.models.State",
        "Scope": "documents.models.Scope",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# People

OCRSITE_ADMIN_USER = env.str("OCRSITE_ADMIN_USER", default="admin")
OCRSITE_ADMIN_PASSWORD = env.str("OCRSITE_ADMIN_PASSWORD", default="")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "documents:index"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from administrators or from the organisation's login service
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # that mail invites to sign up, which nobody does by themselves
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "change_password": "accounts.forms.NewPasswordForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.ReplacedPasswordForm",
}
OCRSITE_LOGINS_PER_MINUTE = env_count("OCRSITE_LOGINS_PER_MINUTE", 120)
ACCOUNT_RATE_LIMITS = {
    # An office has one address, and all its people come at nine. What counts is who guesses.
    "login": f"{OCRSITE_LOGINS_PER_MINUTE}/m/ip",
    "login_failed": "60/m/ip,5/5m/key",  # key: a name from one network, or from one known browser
    "login_failed_anywhere": "50/h/key",  # a name from all networks together; known browsers are exempt
}
ACCOUNT_USERNAME_VALIDATORS = None
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody verifies addresses here, and a request for a new password notes one
MFA_TOTP_ISSUER = "ocrsite"
MFA_TOTP_TOLERANCE = 1  # codes of the half minute before and after count too: clocks differ, and people need to type
MFA_FORMS = {"add_webauthn": "accounts.forms.AddKeyForm"}

# Single sign-on: one OpenID Connect service, if its address is given.
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may not lead elsewhere (form-action); state and nonce guard the way back
OCRSITE_OIDC_SIGNUP = env_flag("OCRSITE_OIDC_SIGNUP", True)
OCRSITE_OIDC_TEAMS = env_pairs("OCRSITE_OIDC_TEAMS")
OCRSITE_OIDC_GROUPS = env.str("OCRSITE_OIDC_GROUPS", default="groups")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if oidc_url := env.str("OCRSITE_OIDC_URL", default=""):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.str("OCRSITE_OIDC_NAME", default="OpenID Connect"),
                "client_id": env.str("OCRSITE_OIDC_CLIENT_ID"),
                "secret": env.str("OCRSITE_OIDC_CLIENT_SECRET", default=""),
                "settings": {
                    "server_url": oidc_url,
                    "scope": env.str("OCRSITE_OIDC_SCOPE", default="openid profile email").split(),
                },
            }
        ],
    }

# Sharing
OCRSITE_FIND_PEOPLE = env.str("OCRSITE_FIND_PEOPLE", default="exact")
if OCRSITE_FIND_PEOPLE not in {"login", "exact", "search"}:
    raise ImproperlyConfigured(f"OCRSITE_FIND_PEOPLE={OCRSITE_FIND_PEOPLE!r}: write login, exact or search.")
OCRSITE_LINKS = env_flag("OCRSITE_LINKS", True)

# Mail: for invitations and forgotten passwords; without it, administrators hand over links.
EMAIL_TIMEOUT = 10  # seconds; somebody waits for the page that says whether it was sent
MAIL_IS_SET_UP = bool(env.str("EMAIL_URL", default=""))
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = env.str("OCRSITE_MAIL_FROM", default="ocrsite@localhost")

# What each person, and each team in sum, may keep and have read; administrators make exceptions.
OCRSITE_USER_MEGABYTES = env_limit("OCRSITE_USER_MEGABYTES")
OCRSITE_USER_PAGES_A_DAY = env_limit("OCRSITE_USER_PAGES_A_DAY")
OCRSITE_TEAM_MEGABYTES = env_limit("OCRSITE_TEAM_MEGABYTES")
OCRSITE_TEAM_PAGES_A_DAY = env_limit("OCRSITE_TEAM_PAGES_A_DAY")

# What each person may ask for in a time, and have at a time, by whichever door.
OCRSITE_USER_REQUESTS_A_MINUTE = env_count("OCRSITE_USER_REQUESTS_A_MINUTE", 2400)
OCRSITE_USER_SEARCHES_A_MINUTE = env_count("OCRSITE_USER_SEARCHES_A_MINUTE", 120)
OCRSITE_USER_REGIONS_A_MINUTE = env_count("OCRSITE_USER_REGIONS_A_MINUTE", 120)
OCRSITE_USER_UPLOADS_AN_HOUR = env_count("OCRSITE_USER_UPLOADS_AN_HOUR", 5000)
OCRSITE_USER_UPLOAD_MEGABYTES_AN_HOUR = env_count("OCRSITE_USER_UPLOAD_MEGABYTES_AN_HOUR", 20_480)
OCRSITE_USER_UNFINISHED_UPLOADS = env_count("OCRSITE_USER_UNFINISHED_UPLOADS", 200)
OCRSITE_USER_TOKENS = env_count("OCRSITE_USER_TOKENS", 50)
OCRSITE_USER_WEBHOOKS = env_count("OCRSITE_USER_WEBHOOKS", 20)
OCRSITE_DOCUMENT_TAGS = env_count("OCRSITE_DOCUMENT_TAGS", 100)

LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("Traditional Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Taipei")

# Browsers

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = env_flag("OCRSITE_HTTPS", False)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow it on localhost only
ALLAUTH_TRUSTED_PROXY_COUNT = int(HTTPS)  # whose X-Forwarded-For is believed
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"(^|/)(health/|healthz|readyz|metrics)$"]  # asked from within, past the proxy
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# For whoever watches the site

OCRSITE_METRICS_TOKEN = env.str("OCRSITE_METRICS_TOKEN", default="")
LOG_FORMAT = env.str("OCRSITE_LOG_FORMAT", default="text")
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured(f"OCRSITE_LOG_FORMAT={LOG_FORMAT!r}: write text or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "documents.telemetry.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {name: {"level": "WARNING"} for name in ("pikepdf", "mcp.server.streamable_http_manager")},  # chatty
}
