"""Servers that a test starts and stops: Tilth as it is served, and whatever else a browser should find."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection
from django.test.testcases import QuietWSGIRequestHandler

from tilth.api import wsgi


@contextmanager
def serving(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def tilth(host: str) -> ThreadedWSGIServer:
    """Ingest in front of the pages, each request on a thread of its own, which gives its connection back."""
    inside = wsgi.in_front_of(StaticFilesHandler(WSGIHandler()))

    def application(environ: Any, start_response: Any) -> Any:
        answer = inside(environ, start_response)
        try:
            return list(answer)
        finally:
            getattr(answer, "close", bool)()
            connection.close()

    server = ThreadedWSGIServer((host, 0), QuietWSGIRequestHandler)
    server.set_app(application)
    return server
