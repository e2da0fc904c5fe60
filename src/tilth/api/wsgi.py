"""The WSGI door: calls of ingest are answered here, everything else goes on to the pages."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from . import ingest, tracker
from .inbox import Full, Inbox, NotKept
from .ingest import Answer, Call
from .keys import Keys

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PHRASES = {
    200: "OK", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
    413: "Content Too Large", 429: "Too Many Requests", 503: "Service Unavailable",
}  # fmt: skip


def _tell(senders: list[Future[None]], trouble: NotKept | None) -> None:
    for kept in senders:
        with suppress(InvalidStateError):  # told already
            if trouble is None:
                kept.set_result(None)
            else:
                kept.set_exception(trouble)


keys, inbox = Keys(), Inbox(_tell)


def in_front_of(pages: Application) -> Application:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not ingest.is_ours(environ.get("PATH_INFO", "")):
            return pages(environ, start_response)
        given = _given(environ)
        start_response(f"{given.status} {PHRASES[given.status]}", list(given.head))
        return [given.body]

    return application


def _given(environ: dict[str, Any]) -> Answer:
    body = _body(environ)
    if isinstance(body, Answer):
        return body
    headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k.startswith("HTTP_")}
    query, peer = environ.get("QUERY_STRING", ""), environ.get("REMOTE_ADDR", "")
    call = Call(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, headers, body, peer)
    if call.path == tracker.ADDRESS:
        return tracker.answer(call)
    source = keys.look_up(ingest.keys(call))
    answer, parcel = ingest.answer(call, source, datetime.now(UTC))
    if answer is ingest.UNKNOWN_KEY and not keys.is_sure:
        return ingest.UNAVAILABLE
    if parcel:
        try:
            kept: Future[None] = Future()
            inbox.put(parcel, kept)
            kept.result()
        except Full as e:
            return ingest.busy(e.wait)
        except NotKept:
            return ingest.UNAVAILABLE
    return answer


def _body(environ: dict[str, Any]) -> bytes | Answer:
    """The whole body, or what to answer to one that is too large or broke off."""
    said, source = environ.get("CONTENT_LENGTH") or "", environ["wsgi.input"]
    length = int(said) if said.isdigit() else None
    body = source.read(ingest.BODY + 1 if length is None else min(length, ingest.BODY + 1))
    if len(body) <= ingest.BODY:
        return ingest.INCOMPLETE if length is not None and len(body) < length else body
    left = ingest.HEARD_OUT - len(body)
    while left > 0 and (part := source.read(min(left, 1 << 16))):
        left -= len(part)
    return ingest.TOO_LARGE
