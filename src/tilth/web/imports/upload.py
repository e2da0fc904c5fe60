"""An upload goes straight to where imports wait, and no further than the limit."""

import secrets
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from tilth.capture import imports


class Landed(UploadedFile):
    """A file that lies in the folder of imports. Whoever does not keep it removes it."""

    path: Path


class IntoHome(FileUploadHandler):
    """Writes what arrives to disk, piece by piece; stops where it grows past the limit, and says so in `over`."""

    over = False
    writing: IO[bytes] | None = None

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        self.over = content_length > settings.UPLOAD_LIMIT + 100_000

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.over:
            raise StopUpload(connection_reset=True)
        self.path = imports.home() / f"{secrets.token_hex(8)}.upload"
        self.writing = self.path.open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.writing is not None
        if start + len(raw_data) > settings.UPLOAD_LIMIT:
            self.over = True
            self.upload_interrupted()
            raise StopUpload(connection_reset=True)
        self.writing.write(raw_data)

    def file_complete(self, file_size: int) -> Landed:
        assert self.writing is not None
        self.writing.close()
        landed = Landed(self.path.open("rb"), self.file_name, self.content_type, file_size, self.charset)
        landed.path = self.path
        return landed

    def upload_interrupted(self) -> None:
        if self.writing is not None and not self.writing.closed:
            self.writing.close()
            self.path.unlink(missing_ok=True)
