"""Offers: what a visitor leaves details for. A conversion point is an offer with its own rates."""

import re

from django.db import models

PLAIN = re.compile(r"[a-z]+([-_ ][a-z]+)*")


class Offer(models.Model):
    key = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


def name_of(key: str) -> str:
    """What to call an offer that only a form or a file named: "price-list" is Price list; other keys stay as they are."""
    return re.sub("[-_]", " ", key).capitalize() if PLAIN.fullmatch(key) else key
