"""The fast door: ingest and nothing else, for many events. Serve it with granian, one process on SQLite."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.site.settings")
django.setup()

from . import ingest, tracker  # noqa: E402
from .inbox import Full, Inbox, NotKept  # noqa: E402
from .ingest import Answer, Call  # noqa: E402
from .keys import Keys  # noqa: E402

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
log = logging.getLogger(__name__)


def _tell(senders: list[asyncio.Future[None]], trouble: NotKept | None) -> None:
    """On the writer's thread: wake the loop once for all of them."""
    try:
        senders[0].get_loop().call_soon_threadsafe(_settle, senders, trouble)
    except RuntimeError:
        log.info("%s senders had gone when their deliveries were kept", len(senders))


def _settle(senders: list[asyncio.Future[None]], trouble: NotKept | None) -> None:
    for kept in senders:
        if kept.done():  # its sender lost patience
            continue
        if trouble is None:
            kept.set_result(None)
        else:
            kept.set_exception(trouble)


keys, inbox = Keys(), Inbox(_tell)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    body = await _body(receive)
    answer = body if isinstance(body, Answer) else await _given(scope, body)
    await send({"type": "http.response.start", "status": answer.status, "headers": _head(answer)})
    await send({"type": "http.response.body", "body": answer.body})


@lru_cache(maxsize=64)
def _head(answer: Answer) -> list[tuple[bytes, bytes]]:
    return [(k.lower().encode(), v.encode()) for k, v in answer.head]


async def _body(receive: Receive) -> bytes | Answer:
    """The whole body, or what to answer to one that is too large or broke off."""
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= ingest.HEARD_OUT:
        message = await receive()
        if message["type"] == "http.disconnect":
            return ingest.INCOMPLETE
        more = message.get("more_body", False)
        size += len(message.get("body", b""))
        if size <= ingest.BODY:
            parts.append(message.get("body", b""))
    return b"".join(parts) if size <= ingest.BODY else ingest.TOO_LARGE


async def _given(scope: dict[str, Any], body: bytes) -> Answer:
    headers: dict[str, str] = {}
    for name, value in ((k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    query, peer = scope["query_string"].decode("latin-1"), (scope.get("client") or ("",))[0]
    call = Call(scope["method"], scope["path"], query, headers, body, peer)
    if call.path == tracker.ADDRESS:
        return tracker.answer(call)
    shown = ingest.keys(call)
    if not keys.is_ready(shown):
        await asyncio.to_thread(keys.look_up, shown)
    answer, parcel = ingest.answer(call, keys.source(shown), datetime.now(UTC))
    if answer is ingest.UNKNOWN_KEY and not keys.is_sure:
        return ingest.UNAVAILABLE
    if parcel:
        try:
            kept = asyncio.get_running_loop().create_future()
            inbox.put(parcel, kept)
            await kept
        except Full as e:
            return ingest.busy(e.wait)
        except NotKept:
            return ingest.UNAVAILABLE
    return answer
