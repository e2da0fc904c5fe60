"""Who sent a request, as far as we keep that: a network, and what the browser calls itself."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from tilth.core import addresses
from tilth.core import forms as core


@dataclass(frozen=True)
class Sender:
    network: str
    agent: str


def of(request: HttpRequest) -> Sender:
    forwarded = request.headers.get("X-Forwarded-For", "")
    peer = request.META.get("REMOTE_ADDR", "")
    network = addresses.network(peer, forwarded, settings.PROXIES, settings.FULL_ADDRESSES)
    return Sender(network, request.headers.get("User-Agent", "").replace("\0", "")[:300])


def looks_ahead(request: HttpRequest) -> bool:
    """Whether a browser fetches this for the case that its reader will want it."""
    return "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))


def house(request: HttpRequest) -> str:
    """Under which address they reached us, for links that lead back here; where we answer to any name, the one we were given."""
    return settings.ADDRESS if "*" in settings.ALLOWED_HOSTS else request.build_absolute_uri("/")[:-1]


def language(request: HttpRequest, *wished: str) -> str:
    """In which language to speak to a visitor: what is wished for, else what the browser prefers, else English."""
    preferred = (w.partition(";")[0].strip() for w in request.headers.get("Accept-Language", "").split(","))
    short = [w.replace("_", "-").split("-")[0].lower() for w in (*wished, *preferred)]
    return next((w for w in short if w in core.LANGUAGES), "en")
