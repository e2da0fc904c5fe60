"""The web process: pages through Django; health and ingest in front of it, so that they cost no middleware."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.site.settings")

from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()

from tilth.api import wsgi as ingest  # noqa: E402

from . import health  # noqa: E402

application = health.in_front_of(ingest.in_front_of(pages))
