"""Offers: what a visitor leaves details for. A conversion point is an offer with its own rates."""

from django.db import models


class Offer(models.Model):
    key = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
