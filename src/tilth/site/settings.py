"""All settings, each with what an operator needs to know. The defaults give a working house."""

from pathlib import Path

from . import reading

# Where Tilth keeps what is not in the database server: SQLite file, uploads, the secret key.
HOME = Path(reading.text("TILTH_HOME", "var")).absolute()

# Signs cookies and links. Made once in TILTH_HOME when not given. Changing it signs everybody out.
SECRET_KEY = reading.secret("TILTH_SECRET_KEY", HOME)
# Earlier keys, separated by commas: links that they signed still work, and whom we erased under them stays away.
SECRET_KEY_FALLBACKS = reading.words("TILTH_OLD_SECRET_KEYS", "")

# Never switch on where others can reach it: error pages then show the inside.
DEBUG = reading.yes("TILTH_DEBUG", False)

# The names under which people reach Tilth, separated by commas.
ALLOWED_HOSTS = reading.words("TILTH_HOSTS", "localhost,127.0.0.1,[::1]")

# Served over https (by a proxy in front)? Then cookies are marked secure and browsers told to insist.
HTTPS = reading.yes("TILTH_HTTPS", False)

# How others reach Tilth: what links in mails begin with, such as https://tilth.kasbouw.nl. The first of TILTH_HOSTS
# when not given.
ADDRESS = reading.address("TILTH_ADDRESS", ALLOWED_HOSTS, HTTPS)

# Where mail goes out: smtp://user:password@host:587 (asks for STARTTLS; ?tls=no for a server without), smtps://…:465, or
# file:///folder, which writes mail into files there, to try things out: nothing there is erased with its person.
# Without it mail waits on the page Outbox.
MAIL = reading.mail(reading.text("TILTH_MAIL_URL"))

# Whom mail comes from: Kasbouw <mail@kasbouw.nl>. Your mail server must let Tilth send in this name.
MAIL_FROM = reading.text("TILTH_MAIL_FROM")

# sqlite:///path (default, in TILTH_HOME) or postgresql://user:password@host:port/name.
DATABASES = {"default": reading.database(reading.text("TILTH_DATABASE"), HOME)}

# Who works figures out: duckdb, in this process, which is right as long as one machine can hold your history; or Spark (pip install
# "tilth[spark]", Java 17 or newer): spark on this machine, spark:spark://host:7077, spark:yarn and the like on a cluster whose machines
# all see TILTH_HOME/lake. The figures are the same.
ENGINE = reading.text("TILTH_ENGINE", "duckdb")

ROOMS = [
    "team", "journal", "agreement", "people", "content", "campaigns", "consent", "touches", "qualify", "groups",
    "handoff", "deals", "promises", "insight", "plan", "notify", "capture", "forms", "nurture", "privacy", "leaks",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    *(f"tilth.{room}" for room in ROOMS),
    "tilth.web",
]
AUTH_USER_MODEL = "team.Member"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tilth.web.headers.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "tilth.site.urls"
WSGI_APPLICATION = "tilth.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tilth.web.shell.shell",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "tilth.web.templatetags.tilth",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # Dutch and German follow; every text already goes through gettext
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # instants are UTC; pages show them in the agreement's zone

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
]

APPEND_SLASH = True
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W002"]  # tilth.web.headers sends X-Frame-Options with the others
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 86_400
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "tilth.web.trouble.stale_form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-tilth" if HTTPS else "tilth"
CSRF_COOKIE_NAME = "__Host-tilth-csrf" if HTTPS else "tilth-csrf"
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if h != "*"] if HTTPS else []
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^v1/", r"^health$"]  # a redirect on ingest loses events silently
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# A proxy that sets X-Forwarded-Proto itself, and only then.
if reading.yes("TILTH_PROXY_SETS_PROTO", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# How many proxies in front of Tilth add to X-Forwarded-For. With 0 nobody is believed, and behind a proxy all senders look
# like that proxy; with more than there are, senders can choose where they seem to come from.
PROXIES = reading.whole("TILTH_PROXIES", 0)

# What is kept of where events, forms and clicks came from is a network (203.0.113.0, 2001:db8:1::). With this the whole
# address is kept, which is personal data: say so in your privacy statement, and why you need it.
FULL_ADDRESSES = reading.yes("TILTH_FULL_ADDRESSES", False)

# Deliveries a second that one write key may send from one network, for long; ten seconds' worth may come at once. Who sends
# faster is asked to wait (429), which clients do. A delivery may carry 2,500 events. 0 for no limit.
RATE = reading.whole("TILTH_RATE", 1000)

DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # an agreement is one form with a field for each of its values
# Uploads for import are streamed to TILTH_HOME/imports; this is their limit, in bytes.
UPLOAD_LIMIT = reading.whole("TILTH_UPLOAD_LIMIT", 4_000_000_000)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": reading.text("TILTH_LOG", "WARNING")},
}
