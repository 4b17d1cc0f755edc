"""Files, kept in memory: sent once, reused by file_id."""

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from sandbox.errors import bad_request
from sandbox.model import Json, Upload

DOWNLOAD_MAX = 20 * 1024 * 1024
UPLOAD_MAX = 50 * 1024 * 1024
PHOTO_MAX = 10 * 1024 * 1024
THUMBNAIL_SIDE = 320

FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "sticker": "stickers",
    "voice": "voice",
    "video": "videos",
    "animation": "animations",
    "audio": "music",
}
TITLES = {
    "photo": "Photo",
    "document": "Document",
    "sticker": "Sticker",
    "voice": "VoiceNote",
    "video": "Video",
}
SUFFIXES = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "BMP": "bmp"}
MIME_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "txt": "text/plain",
    "json": "application/json",
    "zip": "application/zip",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}


@dataclass(slots=True)
class StoredFile:
    """One file on "Telegram's servers". One that was given as a link has no content here, only its `url`."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    path: str
    content: bytes
    url: str | None = None
    width: int = 0
    height: int = 0
    sizes: tuple[str, ...] = ()
    """Of a photo: the file ids of all its sizes, the smallest first."""

    @property
    def mime_type(self) -> str:
        return MIME_TYPES.get(self.path.rsplit(".", 1)[-1].lower(), "application/octet-stream")

    def reference(self) -> Json:
        """The fields that every file object of the Bot API has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }


class FileStore:
    """All files of the box, by file_id and by file_path."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._paths: dict[str, StoredFile] = {}

    def find(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        return self._paths.get(path)

    def get(self, file_id: str) -> StoredFile:
        """The file a bot names; ApiError 400 if there is none."""
        file = self._files.get(file_id)
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return file

    def reuse(self, kind: str, file_id: str) -> StoredFile:
        """A file sent before, of that kind; for a link a new one that stays where it is."""
        if file_id.startswith(("http://", "https://")):
            return self._add(kind, file_id.rsplit("/", 1)[-1] or "file", b"", url=file_id, size=(512, 512))
        file = self.get(file_id)
        if file.kind != kind:
            raise bad_request(f"can't use file of type {TITLES.get(file.kind, 'Document')} as {TITLES.get(kind, kind)}")
        return file

    def store(self, kind: str, upload: Upload) -> StoredFile:
        """A newly uploaded file; ApiError 400 if it is empty, too big or, for a photo, no picture."""
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > (PHOTO_MAX if kind == "photo" else UPLOAD_MAX):
            raise bad_request("file is too big")
        if kind == "photo":
            return self._store_photo(upload)
        return self._add(kind, upload.name, upload.content)

    def photo_sizes(self, file: StoredFile) -> list[Json]:
        """PhotoSize objects, the smallest first."""
        sizes = [self._files[file_id] for file_id in file.sizes] or [file]
        return [{**size.reference(), "width": size.width, "height": size.height} for size in sizes]

    def _store_photo(self, upload: Upload) -> StoredFile:
        try:
            with Image.open(io.BytesIO(upload.content)) as picture:
                size, suffix = picture.size, SUFFIXES.get(picture.format or "", "jpg")
        except (UnidentifiedImageError, OSError, ValueError):
            raise bad_request("IMAGE_PROCESS_FAILED") from None
        if sum(size) > 10_000 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        photo = self._add("photo", f"photo.{suffix}", upload.content, size=size)
        photo.sizes = (photo.file_id,)
        if max(size) > THUMBNAIL_SIDE:
            scale = THUMBNAIL_SIDE / max(size)
            small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
            thumbnail = self._add("photo", f"photo.{suffix}", upload.content, size=small)
            photo.sizes = thumbnail.sizes = (thumbnail.file_id, photo.file_id)
        return photo

    def _add(
        self, kind: str, name: str, content: bytes, *, url: str | None = None, size: tuple[int, int] = (0, 0)
    ) -> StoredFile:
        number = len(self._files) + 1
        suffix = name.rsplit(".", 1)[-1] if "." in name else "bin"
        file = StoredFile(
            file_id=f"BoxFile-{kind}-{number:08d}",
            unique_id=f"Box{number:08d}",
            kind=kind,
            name=name,
            path=f"{FOLDERS.get(kind, 'documents')}/file_{number}.{suffix}",
            content=content,
            url=url,
            width=size[0],
            height=size[1],
        )
        self._files[file.file_id] = file
        self._paths[file.path] = file
        return file
