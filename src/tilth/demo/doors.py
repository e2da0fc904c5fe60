"""The doors through which the demo's history comes in: the same that customers use."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tilth.capture.models import Received, Source

AT_MOST = 100  # events per delivery, as clients batch them


def source(name: str, at: datetime) -> Source:
    """A site that sends events."""
    return Source.objects.create(name=name, write_key="demo-write-key", at=at)


def deliver(site: Source, events: list[dict[str, Any]], now: datetime) -> None:
    """Send events as a Segment client does: batches with the moment of sending."""
    for start in range(0, len(events), AT_MOST):
        body = json.dumps({"batch": events[start : start + AT_MOST], "sentAt": now.isoformat()}).encode()
        Received.objects.create(source=site, at=now, path="/v1/batch", body=body)


def import_file(path: Path, kind: str, now: datetime) -> None:
    pass
