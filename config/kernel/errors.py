"""Refusals that a person can read: each is named for the situation and says what to do."""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the business said no; its text is fit for a screen, and nothing was changed."""


class StepRefused(DomainError):
    """A lifecycle step was asked for one order and a guard stood in the way."""


class StaleVersion(DomainError):
    """Somebody else changed the record after this form was opened."""


class TooBroad(DomainError):
    """A list asks for more than can be looked through while somebody waits."""


class TryLater(DomainError):
    """Too many others want the same rows just now; the same request may succeed in a moment."""
