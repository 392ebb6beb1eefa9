"""`split.json`: which picture of a folder is in which split. A list, not copies of pictures."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import write_json
from overlay.core.files.strict_json import parse_json

MANIFEST: Final = "split.json"
FORMAT: Final = 1
SPLITS: Final = ("train", "validation", "test")


@dataclass(frozen=True)
class Manifest:
    """A split.

    Attributes:
        by: "signer", "take" or "frame": what is never torn apart.
        seed: of what chance decided.
        shares: wanted of train, validation and test.
        train: paths relative to the folder, with forward slashes, sorted; likewise `validation` and `test`.
        notes: sentences on what this split can and cannot say.
    """

    by: str
    seed: int
    shares: tuple[float, ...]
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    notes: tuple[str, ...] = ()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `split.json`, whole or not at all.

    Raises:
        SigncapError: it cannot be written; an older one is left as it was.
    """
    write_json(folder / MANIFEST, {"format": FORMAT, **asdict(manifest)})


def read_manifest(folder: Path) -> Manifest:
    """Read `split.json`.

    Raises:
        SigncapError: there is none, or it is damaged.
    """
    path = folder / MANIFEST
    try:
        data = parse_json(path.read_bytes())
        if data["format"] != FORMAT:
            raise SigncapError(
                f"{path} was written by another version of Signcap: run `signcap split {folder}` again."
            )
        return Manifest(
            by=str(data["by"]),
            seed=int(data["seed"]),
            shares=tuple(float(share) for share in data["shares"]),
            train=_strings(data["train"]),
            validation=_strings(data["validation"]),
            test=_strings(data["test"]),
            notes=_strings(data["notes"]),
        )
    except FileNotFoundError as error:
        raise SigncapError(f"There is no {path}: run `signcap split {folder}` first.") from error
    except OSError as error:
        raise SigncapError(f"{path} cannot be read ({error.strerror}): check its access rights.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SigncapError(f"{path} is damaged: run `signcap split {folder}` again.") from error


def _strings(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("not a list of strings")
    return tuple(values)
