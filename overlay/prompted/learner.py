"""A profile that learns from phrases that were shown and spelled."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from overlay.core.errors import SigncapError
from overlay.enrolment.clip import EnrolmentClip
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.profile import InUse


class Tell(Protocol):
    """Says how it goes, see `ShownSession.tell`."""

    def __call__(
        self, said: str, *, failed: bool = False, kept: str | None = None, learning: float | None = None
    ) -> None: ...


class Learner:
    """Fits a profile in a thread of its own.

    Args:
        make_enroller: gives the model that is fitted to.
        tell: told how it goes, in the fitting thread.
        in_use: what the live path uses.
    """

    def __init__(self, make_enroller: Callable[[], Enroller], tell: Tell, in_use: InUse) -> None:
        self._make_enroller, self._tell, self._in_use = make_enroller, tell, in_use
        self._thread: threading.Thread | None = None

    def start(self, name: str, takes: Sequence[EnrolmentClip], said: str = "") -> None:
        """Begin to fit a profile.

        Args:
            name: of the profile; a new one where there is none.
            takes: of words.
            said: what was told before, and stays.
        """
        self._tell(said, learning=0.0)
        work = (name, takes, f"{said} " if said else "")
        self._thread = threading.Thread(target=self._run, args=work, name="fit profile", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Wait until what is being fitted is done."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, name: str, takes: Sequence[EnrolmentClip], said: str) -> None:
        try:
            profile = self._make_enroller().learn(name, takes, lambda part: self._tell(said.strip(), learning=part))
        except SigncapError as error:
            self._tell(f"{said}{error}", failed=True)
        except Exception:
            self._tell(f"{said}The profile could not be fitted: the terminal says why.", failed=True)
            raise
        else:
            if profile is None:
                self._tell(f"{said}Nothing was better for {name} than what there is: no profile was changed.")
            else:
                self._in_use.profile = profile
                self._tell(f"{said}{profile.verdict} The profile {name} is in use.")
