"""The settings that are in force: changed from the pages, by hand in the file, or for one run on the command line."""

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import write_whole
from overlay.core.settings import Settings, load_settings, merged, save_settings, settings_path
from overlay.core.signal import Listeners

GOOD: Final = ".last-good"  # beside the file: what it held when it was right
MISTAKEN: Final = ".mistaken"  # and what it held when it was not, and settings were changed from a page

_log = logging.getLogger(__name__)


class SettingsStore:
    """Keeps the settings and their file in step. Any thread may call it.

    A file with a mistake in it never stops anything: the last good settings stay, and `problem` says what is wrong.

    Args:
        path: the file; the user's own by default.
        for_this_run: changes that are in force until the program ends, and are not saved.

    Raises:
        SigncapError: `for_this_run` cannot be set.
    """

    def __init__(self, path: Path | None = None, for_this_run: Mapping[str, Any] | None = None) -> None:
        self.path = path or settings_path()
        self._lock = threading.RLock()
        self._listeners: Listeners[Callable[[], None]] = Listeners()
        self._run = {key: dict(value) for key, value in (for_this_run or {}).items()}
        self._problem: str | None = None
        self._saved = Settings()
        self._seen = _stamp(self.path)
        try:
            self._saved = load_settings(self.path)
            self._remember()
        except SigncapError as error:
            self._problem = str(error)
            with contextlib.suppress(SigncapError):
                self._saved = load_settings(self._beside(GOOD))
        self._current = merged(self._saved, self._run)
        self._revision = 0

    @property
    def revision(self) -> int:
        """The number of times that `current` or `problem` has changed since the start."""
        return self._revision

    @property
    def current(self) -> Settings:
        """The settings in force."""
        return self._current

    @property
    def problem(self) -> str | None:
        """The problem with the file: the line, the setting, the reason, and what to do."""
        return self._problem

    @property
    def warning(self) -> str | None:
        """The same, for who starts a program: it goes on."""
        return None if self._problem is None else f"{self._problem} Until then the last good settings are in force."

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each change, in the thread that made it; it must be quick.

        Returns:
            A function that ends it.
        """
        return self._listeners.add(listener)

    def change(self, change: Mapping[str, Any]) -> Settings:
        """Change some settings at once, and save them.

        Args:
            change: see `overlay.core.settings.merged`.

        Raises:
            SigncapError: that cannot be set, or the file cannot be written; then nothing has changed.
        """
        for group, values in change.items():
            if not isinstance(values, Mapping):  # merging would take a null for the group's defaults
                raise SigncapError(
                    f'Give the settings of {group[:40]} by name, for example {{"{group[:40]}": {{}}}}.'
                )
        with self._lock:
            saved = merged(self._saved, change)
            for group, values in change.items():
                for name in values:
                    self._run.get(group, {}).pop(name, None)
            self._save(saved)
            self._saved, self._problem = saved, None
            _log.info("Changed: %s", ", ".join(f"{group}.{name}" for group in change for name in change[group]))
            self._apply()
            return self._current

    def reset(self) -> Settings:
        """Back to the defaults, except the user's own: hot words, phrases, voice, and where transcripts are kept."""
        with self._lock:
            self._run = {}
            defaults = Settings().model_dump(mode="json")
            del defaults["suggesting"]["hot_words"], defaults["transcript"], defaults["phrases"], defaults["voice"]
            defaults["decoding"]["letters"] = dict.fromkeys(self._saved.decoding.letters)
            return self.change(defaults)

    def look(self) -> None:
        """Read the file again if somebody has changed it. Cheap: to be called every second or so."""
        with self._lock:
            stamp = _stamp(self.path)
            if stamp == self._seen:
                return
            self._seen = stamp
            try:
                self._saved = load_settings(self.path)
                self._problem = None
                self._remember()
            except SigncapError as error:
                self._problem = str(error)
            _log.info("The file was read again, and is %s", "good" if self._problem is None else "mistaken")
            self._apply()

    def _apply(self) -> None:
        self._current = merged(self._saved, self._run)
        self._revision += 1
        for listener in self._listeners:
            listener()

    def _save(self, settings: Settings) -> None:
        try:
            if self._problem is not None and self.path.exists():  # what was written there by hand is not lost
                # A copy: at no moment is there no file, which a start would take for the defaults.
                write_whole(self._beside(MISTAKEN), self.path.read_bytes(), durable=True)
            save_settings(settings, self.path)
        except OSError as error:
            raise SigncapError(
                f"The settings could not be saved to {self.path} ({error.strerror}): make room or mend that folder."
            ) from error
        self._seen = _stamp(self.path)
        self._saved = settings
        self._remember()

    def _remember(self) -> None:
        """Keep what was good, for a start with a mistaken file; without it, such a start has the defaults."""
        if self.path.exists():
            with contextlib.suppress(OSError):
                save_settings(self._saved, self._beside(GOOD))

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
