"""The project: settings, addresses, workers, and the kernel that every app builds on."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
