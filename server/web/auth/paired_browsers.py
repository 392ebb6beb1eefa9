"""The browsers that were paired: kept from run to run, each with a token of which only a digest is stored."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from overlay.core.errors import SigncapError
from overlay.core.files.private import read_private, write_private

MOST: Final = 16  # browsers at a time
_LARGEST: Final = 64 * 1024  # bytes of the file


class PairedBrowser(BaseModel):
    """One of them.

    Attributes:
        name: in addresses; says nothing.
        browser: for people, as the browser calls itself.
        since: seconds since 1970.
        digest: SHA-256 of its token.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{8,32}$")
    browser: str = Field(max_length=80)
    since: float
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


_BROWSERS: Final = TypeAdapter(list[PairedBrowser])


def paired_browsers_path() -> Path:
    """Return the path of the user's paired browsers."""
    return Path(platformdirs.user_state_dir("signcap", appauthor=False)) / "browsers.json"


class PairedBrowsers:
    """The browsers that may come with a token. Any thread may ask.

    A file that others could read or have written, or that is damaged, counts as empty.

    Args:
        path: of the file; None keeps them in memory alone.
        clock: seconds since 1970.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._browsers: tuple[PairedBrowser, ...] = _read(path) if path is not None else ()

    def all(self) -> list[PairedBrowser]:
        """All of them, oldest first."""
        return list(self._browsers)

    def add(self, name: str, browser: str) -> str:
        """Pair a browser.

        Returns:
            Its token, which is kept nowhere.

        Raises:
            SigncapError: there are too many, or it cannot be stored.
        """
        token = secrets.token_urlsafe(32)
        made = PairedBrowser(name=name, browser=browser, since=self._clock(), digest=_digest(token))
        with self._lock:
            if len(self._browsers) >= MOST:
                raise SigncapError("Too many browsers are paired: remove one first.")
            self._store((*self._browsers, made))
        return token

    def remove(self, name: str) -> bool:
        """Take a browser's token its worth. False where there is none of that name.

        Raises:
            SigncapError: the file cannot be written; the token is worth nothing in this run all the same.
        """
        with self._lock:
            left = tuple(browser for browser in self._browsers if browser.name != name)
            found = len(left) < len(self._browsers)
            self._browsers = left
            if found:
                self._store(left)
        return found

    def of(self, token: str) -> PairedBrowser | None:
        """Return the browser whose token it is."""
        digest = _digest(token)
        return next((one for one in self._browsers if hmac.compare_digest(one.digest, digest)), None)

    def _store(self, browsers: tuple[PairedBrowser, ...]) -> None:
        if self._path is not None:
            try:
                write_private(self._path, _BROWSERS.dump_json(list(browsers), indent=1).decode())
            except OSError as error:
                raise SigncapError(
                    f"{self._path.parent} cannot be written ({error.strerror}): make room or mend the folder."
                ) from error
        self._browsers = browsers


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> tuple[PairedBrowser, ...]:
    try:
        return tuple(_BROWSERS.validate_json(read_private(path, _LARGEST) or b"[]"))
    except (OSError, ValidationError):
        return ()
