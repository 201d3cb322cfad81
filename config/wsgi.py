"""What the web server serves."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config import heap, keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if why := keys.refusal():
    raise ImproperlyConfigured(why)

application = get_wsgi_application()
_ = get_resolver().url_patterns  # loads every view, so that no first visitor waits for it
heap.settle_for_pages()
