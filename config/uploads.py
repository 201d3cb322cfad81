"""Files that come in with a form: none is kept that is larger than we take."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class SizeHandler(FileUploadHandler):
    """Passes a file on to the next handler until it is too large; then it is dropped."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a part of the file on."""
        if start + len(raw_data) > settings.LARGEST_UPLOAD:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler makes the file."""
