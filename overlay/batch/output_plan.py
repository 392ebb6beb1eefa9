"""Plan which files become which: names only, before anything is read."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from overlay.core.errors import SigncapError

BESIDE: Final = "beside"
SEPARATORS: Final = tuple({"/", os.sep})
# What is asked for with each option, and what its files are called in a folder, after the input talk.mov.
ENDINGS: Final = {
    "output": ".captioned.mp4",  # never the name of the input, wherever it is put
    "vtt": ".vtt",
    "srt": ".srt",
    "text": ".txt",
    "jsonl": ".jsonl",
}
SUBTITLES: Final = ("vtt", "srt")


@dataclass(frozen=True, slots=True)
class Job:
    """One video and what is to be made of it.

    Attributes:
        source: path of the video.
        outputs: files to write, by option; those that are there already are not among them.
    """

    source: Path
    outputs: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be done.

    Attributes:
        jobs: in the order in which the videos were named.
        notes: sentences about what is not done, and why, and about what players will make of the files.
    """

    jobs: tuple[Job, ...]
    notes: tuple[str, ...] = field(default=())


def make_plan(sources: Sequence[str], wanted: Mapping[str, str]) -> Plan:
    """Decide what is written where; folders that are named with a slash at their end are made.

    Args:
        sources: paths of videos.
        wanted: for options of `ENDINGS`, the name of a file, of a folder, or `BESIDE`.

    Raises:
        SigncapError: a name does not fit, is taken, or two videos would become one file.
    """
    paths, notes = _once(sources)
    targets: dict[Path, dict[str, Path]] = {path: {} for path in paths}
    for option, name in wanted.items():
        if name == BESIDE or name.endswith(SEPARATORS) or _is_folder(name):
            folder = None if name == BESIDE else _folder(Path(name))
            for path in paths:
                targets[path][option] = (folder or path.parent) / f"{path.stem}{ENDINGS[option]}"
        else:
            targets[paths[0]][option] = _file(option, Path(name), paths)
    made = {_key(target): path for path in paths for target in targets[path].values()}
    jobs = []
    for path in paths:
        if (origin := made.get(_key(path))) is not None and origin != path:
            notes.append(f"{path} is what {origin} becomes: it is left out.")
            continue
        for target in targets[path].values():
            if made[_key(target)] != path:
                raise SigncapError(
                    f"{path} and {made[_key(target)]} would both become {target}: caption them into two folders."
                )
        there = [target for target in targets[path].values() if os.path.lexists(target)]
        missing = {option: target for option, target in targets[path].items() if target not in there}
        if there and not missing:
            notes.append(f"{path} is done already: {_listed(there)} {'are' if there[1:] else 'is'} there.")
        else:
            jobs.append(Job(path, missing))
            notes += shown_twice(missing)
    return Plan(tuple(jobs), tuple(notes))


def shown_twice(outputs: Mapping[str, Path]) -> list[str]:
    """Return a sentence where players load subtitles by themselves with the video that has them in its pictures."""
    video = outputs.get("output")
    beside = [
        path
        for option, path in outputs.items()
        if video is not None and option in SUBTITLES and _key(path).startswith(_key(video.with_suffix("")))
    ]
    if not beside:
        return []
    loads = "loads" if len(beside) == 1 else "load"
    return [
        f"Players show captions twice where {_listed(beside)} {loads} with {video}, which has them in its pictures: "
        "give the video another name."
    ]


def _once(sources: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The paths, each file once."""
    paths: dict[str, Path] = {}
    notes: list[str] = []
    for source in sources:
        path = Path(source)
        if paths.setdefault(_key(path.resolve()), path) is not path:
            notes.append(f"{path} is named twice: it is read once.")
    return list(paths.values()), notes


def _key(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


def _folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SigncapError(f"The folder {folder} cannot be made ({reason}): choose another.") from error
    return folder


def _file(option: str, target: Path, paths: Sequence[Path]) -> Path:
    suffix = f".{ENDINGS[option].rpartition('.')[2]}"
    if target.suffix.lower() != suffix:
        raise SigncapError(
            f"--{option} {target} is neither a folder that exists nor a {suffix} file: give a name that ends in "
            f"{suffix}, a folder with / at its end, or {BESIDE}."
        )
    if len(paths) > 1:
        raise SigncapError(
            f"{len(paths)} videos cannot all become {target}: name a folder, with / at its end, or {BESIDE}."
        )
    if any(_same(target, path) for path in paths):
        raise SigncapError(
            f"{target} is the video that is to be captioned: choose another name for what comes of it."
        )
    if os.path.lexists(target):
        raise SigncapError(f"{target} exists already: choose another name, or remove it first.")
    return target


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def _listed(paths: Sequence[Path]) -> str:
    *most, last = (str(path) for path in paths)
    return f"{', '.join(most)} and {last}" if most else last
