"""A signer's profile: what enrolment found, and whether it is used. Numbers only, no pictures."""

import hashlib
import io
import json
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import make_private_folder, write_whole
from overlay.core.files.strict_json import parse_json
from overlay.enrolment.adaptation import Correction
from overlay.enrolment.fit import Enrolled, Tally
from overlay.recognition.feature_window import Sample
from overlay.recognition.letter_model import LETTERS, shipped_model

FORMAT = 1
ENDING = ".npz"
LARGEST = 4_000_000  # bytes; one of 96 centres of 128 features has 100,000
LATEST = 250_000_000_000.0  # seconds since 1970, in the year 9892: calendars end soon after
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
# Windows gives these names to devices, whatever folder they are in.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


@dataclass(frozen=True, slots=True)
class Profile:
    """One signer's.

    Attributes:
        name: of the signer; also of the file.
        model: digest of the model that it was fitted to, see `model_digest`.
        enrolled: what came of the enrolment.
        on: it is used, where it is chosen. Never true without a correction.
        changed: when it was saved or switched last, in seconds since 1970.
    """

    name: str
    model: str
    enrolled: Enrolled
    on: bool
    changed: float

    def apply(self, sample: Sample) -> Sample:
        """The sample with its feature corrected, or as it is."""
        correction = self.enrolled.correction if self.on else None
        return sample if correction is None else replace(sample, feature=correction.apply(sample.feature))

    @property
    def verdict(self) -> str:
        """One sentence on what enrolment found."""
        found = self.enrolled
        if found.correction is None:
            return f"Nothing was better for {self.name} than the general model: the profile stays off."
        if found.after < found.before:
            return f"Of {found.shown} letters held out, {found.before} were misread before and {found.after} now."
        before, after = found.confidence
        return (
            f"Of {found.shown} letters held out, {found.after} are misread, as before; "
            f"the confidence in the right letter rose from {before:.0%} to {after:.0%}."
        )


class InUse:
    """The profile that is in use now, or none. Any thread may read and exchange it.

    Args:
        profile: the first.
    """

    def __init__(self, profile: Profile | None = None) -> None:
        self.profile = profile

    def apply(self, sample: Sample) -> Sample:
        """Apply the profile; without one, return the sample as it is."""
        profile = self.profile  # read once: another thread may exchange it
        return sample if profile is None else profile.apply(sample)


def model_digest(folder: Path | None = None) -> str:
    """SHA-256 of a model's encoder, in hexadecimal: features of another one mean something else.

    Args:
        folder: of the model; the shipped one by default.
    """
    path = (folder or shipped_model()) / "encoder.onnx"
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SigncapError(
            f"{path} cannot be read ({error.strerror}): choose another folder with --model."
        ) from error


def check_name(name: str) -> str:
    """The name itself, if it can be a profile's.

    Raises:
        SigncapError: it cannot; says what a name may hold.
    """
    if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
        raise SigncapError(
            "A profile's name has letters A to Z, digits, - and _, at most 40 of them, and does not start with -: "
            "choose another, for example ann."
        )
    return name


def profiles_folder() -> Path:
    """Return the folder of the user's profiles."""
    return Path(platformdirs.user_data_dir("signcap", appauthor=False)) / "profiles"


class Profiles:
    """The profiles of this user.

    Args:
        folder: need not exist yet; the user's data folder by default.
        now: the time, in seconds since 1970.
    """

    def __init__(self, folder: Path | None = None, *, now: Callable[[], float] = time.time) -> None:
        self.folder = folder or profiles_folder()
        self._now = now

    def names(self) -> list[str]:
        """Of all there are, sorted."""
        return sorted(
            path.stem for path in self.folder.glob(f"*{ENDING}") if _NAME.fullmatch(path.stem) and path.is_file()
        )

    def load(self, name: str) -> Profile:
        """Read one.

        Raises:
            SigncapError: there is none of that name, or it is damaged.
        """
        path = self._path(name)
        try:
            with path.open("rb") as file:
                return _decoded(file.read(LARGEST), name)
        except FileNotFoundError as error:
            known = ", ".join(self.names())
            hint = f"there is {known}" if known else "there is none yet"
            raise SigncapError(
                f"There is no profile {name}: {hint}; `signcap enrol --name {name}` makes one."
            ) from error
        except OSError as error:
            raise SigncapError(f"{path} cannot be read ({error.strerror}): mend or remove that file.") from error
        except Exception as error:  # zipfile, zlib and numpy raise a dozen kinds for bytes that are damaged
            raise SigncapError(
                f"{path} is damaged: `signcap enrol --remove --name {name}` removes it, then enrol again."
            ) from error

    def save(self, profile: Profile) -> Profile:
        """Write one so that a crash leaves either the old file or the new one; nobody else may read it.

        Returns:
            As it is now on disk.

        Raises:
            SigncapError: it cannot be written; what was there before still is.
        """
        profile = replace(profile, on=profile.on and profile.enrolled.correction is not None, changed=self._now())
        path = self._path(profile.name)
        try:
            make_private_folder(self.folder)
            write_whole(path, _encoded(profile), durable=True)
        except OSError as error:
            raise SigncapError(
                f"The profile cannot be written into {self.folder} ({error.strerror}): make room or mend the folder."
            ) from error
        return profile

    def switch(self, name: str, *, on: bool) -> Profile:
        """Use a profile from now on, or no longer.

        Raises:
            SigncapError: there is no such profile, or it holds nothing to switch on.
        """
        profile = self.load(name)
        if on and profile.enrolled.correction is None:
            raise SigncapError(profile.verdict)
        return self.save(replace(profile, on=on))

    def remove(self, name: str) -> None:
        """Delete one.

        Raises:
            SigncapError: there is none of that name.
        """
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            self.load(name)
        except OSError as error:
            raise SigncapError(f"{self._path(name)} cannot be deleted ({error.strerror}).") from error

    def newest(self, tell: Callable[[str], None] = lambda _sentence: None) -> Profile | None:
        """The one that was enrolled or switched on last and is on; None where none is.

        Args:
            tell: given a sentence for each that cannot be read, and is left out.
        """
        found = []
        for name in self.names():
            try:
                found.append(self.load(name))
            except SigncapError as error:
                tell(str(error))
        return max((one for one in found if one.on), key=lambda one: one.changed, default=None)

    def _path(self, name: str) -> Path:
        return self.folder / f"{check_name(name)}{ENDING}"


def _encoded(profile: Profile) -> bytes:
    found = profile.enrolled
    about: dict[str, Any] = {
        "format": FORMAT,
        "model": profile.model,
        "on": profile.on,
        "changed": profile.changed,
        "letters": found.letters,
        "tallies": {letter: [one.shown, one.before, one.after] for letter, one in found.tallies.items()},
        "confidence": found.confidence,
    }
    arrays: dict[str, Any] = {}
    if found.correction is not None:
        about["width"] = found.correction.width
        arrays = {"centres": found.correction.centres, "shifts": found.correction.shifts}
    data = io.BytesIO()
    np.savez(data, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
    return data.getvalue()


def _decoded(data: bytes, name: str) -> Profile:
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        about = parse_json(stored["about"].tobytes())
        correction = None
        if "width" in about:
            correction = Correction(stored["centres"], stored["shifts"], float(about["width"]))
    if about["format"] != FORMAT:
        raise ValueError("another format")
    if correction is not None:
        _check(correction)
    tallies = {
        letter: Tally(*(int(count) for count in counts))
        for letter, counts in about["tallies"].items()
        if letter in LETTERS
    }
    before, after = about["confidence"]
    enrolled = Enrolled(correction, str(about["letters"]), tallies, (float(before), float(after)))
    on = bool(about["on"]) and correction is not None
    changed = float(about["changed"])
    if not 0 <= changed < LATEST:
        raise ValueError("a time that no calendar knows")
    return Profile(name, str(about["model"]), enrolled, on, changed)


def _check(correction: Correction) -> None:
    centres, shifts = correction.centres, correction.shifts
    good = centres.dtype == shifts.dtype == np.float32 and centres.ndim == 2 and centres.shape == shifts.shape
    good = good and math.isfinite(correction.width) and correction.width > 0
    if not good or not np.isfinite(centres).all() or not np.isfinite(shifts).all():
        raise ValueError("impossible values")
