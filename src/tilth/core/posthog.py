"""PostHog's clients speak of a `distinct_id` and of events with a dollar; said here in Segment's words."""

from typing import Any

from .forgetting import FORGOTTEN

TYPES = {
    "$pageview": "page",
    "$screen": "screen",
    "$identify": "identify",
    "$set": "identify",
    "$groupidentify": "group",
    "$create_alias": "alias",
}


def is_spoken(envelope: dict[str, Any]) -> bool:
    return isinstance(envelope.get("api_key"), str)


def said(envelope: dict[str, Any]) -> dict[str, Any]:
    """The envelope with its event or events in Segment's form."""
    batch = envelope.get("batch")
    items = [
        _said(i) if isinstance(i, dict) and i != FORGOTTEN else i
        for i in (batch if isinstance(batch, list) else [envelope])
    ]
    return {"batch": items, "sentAt": envelope.get("sent_at") or envelope.get("sentAt")}


def _said(item: dict[str, Any]) -> dict[str, Any]:
    said = _mapping(item.get("properties"))
    event, kind = item.get("event"), TYPES.get(str(item.get("event")), "track")
    user, visitor = _who(item.get("distinct_id") or said.get("distinct_id"), said)
    return {
        "type": kind,
        "messageId": item.get("uuid"),
        "timestamp": item.get("timestamp"),
        "userId": user,
        "anonymousId": visitor,
        "previousId": said.get("distinct_id") if kind == "alias" else None,
        "groupId": said.get("$group_key") or next(iter(_mapping(said.get("$groups")).values()), None),
        "event": event,
        "name": said.get("$screen_name") or said.get("title"),
        "properties": {k: v for k, v in said.items() if not k.startswith("$")},
        "traits": _mapping(said.get("$group_set")) if kind == "group" else _traits(item, said),
        "context": {
            "page": {"url": said.get("$current_url"), "referrer": said.get("$referrer")},
            "userAgent": said.get("$raw_user_agent"),
        },
    }


def _who(distinct: Any, said: dict[str, Any]) -> tuple[Any, Any]:
    """The user id and the visitor's id; a browser that was not identified has only the latter."""
    if said.get("alias"):
        return said["alias"], None
    visitor = said.get("$anon_distinct_id") or said.get("$device_id")
    if said.get("$user_id"):
        return said["$user_id"], visitor
    return (None, distinct) if distinct == visitor else (distinct, visitor)


def _traits(item: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    once, always = (_mapping(item.get(k)) | _mapping(said.get(k)) for k in ("$set_once", "$set"))
    return once | always


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
