"""The web process: pages through Django; ingest in front of it, so that it costs no middleware."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.site.settings")

from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()

from tilth.api.wsgi import in_front_of  # noqa: E402

application = in_front_of(pages)
