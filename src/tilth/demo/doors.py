"""The doors through which the demo's history comes in: the same that customers use."""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tilth.api import ingest
from tilth.capture import files, imports
from tilth.capture.models import Received, Source

AT_MOST = 100  # events per delivery, as clients batch them
KEY = "demo-write-key"


def source(name: str, at: datetime) -> Source:
    """A site that sends events."""
    return Source.objects.create(name=name, write_key=KEY, at=at)


def deliver(site: Source, events: list[dict[str, Any]], now: datetime) -> None:
    """Send events as a Segment client does, in batches; what ingest accepts is kept as ingest would keep it."""
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    for start in range(0, len(events), AT_MOST):
        body = json.dumps({"batch": events[start : start + AT_MOST], "sentAt": now.isoformat()}).encode()
        call = ingest.Call("POST", "/v1/batch", "", {"authorization": f"Basic {basic}"}, body)
        answer, parcel = ingest.answer(call, site.pk, now)
        if parcel is None:
            raise RuntimeError(f"Ingest refused the demo's events: {answer.body!r}")
        Received.objects.create(
            source_id=parcel.source, at=parcel.at, path=parcel.path, body=parcel.body, sent_at=parcel.sent_at
        )


def import_file(path: Path, kind: str, now: datetime) -> None:
    """Import a file with the mapping that Tilth guesses, as somebody does who trusts it."""
    mapping = files.propose(files.look(path), kind, path.name)
    row = imports.begin(imports.take(path, path.name, mapping, None, now), now)
    while imports.advance(row, now):
        pass
