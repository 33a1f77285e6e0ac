"""Where files are kept: a folder of this machine, or any store that fsspec knows.

Knows names it made up itself and refuses all others; not what is in a file, nor whose it is.
"""

import re
from datetime import datetime
from functools import cached_property
from secrets import token_hex
from typing import Any, Final

from fsspec.core import url_to_fs

_NAME: Final = re.compile(r"[0-9]{6}/[0-9a-f]{40}\.[a-z0-9]{2,5}")


class StoreAway(Exception):
    """The store does not answer or has not got the file; the words say which, fit for a log."""


class Files:
    """The store at `url`: a folder's path, file:///srv/media, s3://bucket/folder, memory://…

    Nothing is opened before the first use.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def keep(self, content: bytes, ending: str, now: datetime) -> str:
        """Keep the bytes under a random name, which is given back. Raises StoreAway.

        The name starts with the month, so that old files can be seen to.
        """
        name = f"{now:%Y%m}/{token_hex(20)}.{ending}"
        try:
            self._make_folder(self._path(name).rpartition("/")[0])
            self._fs.pipe_file(self._path(name), content)
        except Exception as error:  # every store has its own
            raise StoreAway(f"not kept: {type(error).__name__}") from error
        return name

    def read(self, name: str) -> bytes:
        """The bytes kept under this name. Raises StoreAway, ValueError for a name not ours."""
        try:
            return bytes(self._fs.cat_file(self._path(name)))
        except FileNotFoundError as error:
            raise StoreAway("the file is gone") from error
        except ValueError:
            raise
        except Exception as error:
            raise StoreAway(f"not read: {type(error).__name__}") from error

    def drop(self, name: str) -> None:
        """Forget the file; nothing where there is none. Raises StoreAway."""
        try:
            self._fs.rm_file(self._path(name))
        except FileNotFoundError:
            return
        except ValueError:
            raise
        except Exception as error:
            raise StoreAway(f"not dropped: {type(error).__name__}") from error

    def check(self, now: datetime) -> None:
        """Keep, read and drop a small file. Raises StoreAway."""
        name = self.keep(b"check", "txt", now)
        if self.read(name) != b"check":
            raise StoreAway("what is read is not what was kept")
        self.drop(name)

    def _make_folder(self, path: str) -> None:
        """Object stores (the asynchronous ones of fsspec) have no folders; asked for one they would
        make a bucket of a mistyped name."""
        if not self._fs.async_impl:
            self._fs.makedirs(path, exist_ok=True)

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("not a name of ours")
        return f"{self._root}/{name}"

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        fs, root = url_to_fs(self._url)
        return fs, str(root).rstrip("/")

    @property
    def _fs(self) -> Any:
        return self._opened[0]

    @property
    def _root(self) -> str:
        return self._opened[1]
