"""The web process: pages through Django; ingest in front of it, so that it costs no middleware."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.site.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
