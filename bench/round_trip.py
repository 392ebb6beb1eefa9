"""Text to a video to text: `signcap demo`, then `signcap caption`, and what differs.

python bench/round_trip.py --work build/round_trip [--part 0:10]    does some of the sentences, keeps what came out
python bench/round_trip.py --work build/round_trip --table          prints the tables from all that were done

Fifty sentences of words drawn from the 5,000 most frequent English ones; each with a speed from 2 to 5 letters a
second and a signer of its own, every fourth left-handed. All of it follows from one number that was chosen before
anything was read.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

from overlay.captions.language.word_list import DICTIONARY
from overlay.core.edit_distance import Edits, edits, total
from overlay.media.sources.video_file import VideoFile

SEED, SENTENCES, FREQUENT = 2026, 50, 5000
SPEEDS = (2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
SIZE = "640x360"
SIGNCAP = (sys.executable, "-m", "server.cli.main")


@dataclass(frozen=True)
class Case:
    """A sentence, and how it is signed."""

    text: str
    speed: float
    signer: int
    left_handed: bool


@dataclass(frozen=True)
class Done:
    """What came of it: the text that was read, and seconds: of the video, and of processor time for each command."""

    case: Case
    read: str
    seconds: float
    made: float
    captioned: float
    took: float

    @property
    def with_spaces(self) -> Edits:
        return edits(self.case.text, self.read)

    @property
    def letters(self) -> Edits:
        return edits(self.case.text.replace(" ", ""), self.read.replace(" ", ""))


def cases() -> list[Case]:
    lines = files("symspellpy").joinpath(DICTIONARY).read_text("utf-8-sig").splitlines()
    words = [word.upper() for word in (line.split()[0] for line in lines[:FREQUENT]) if 2 <= len(word) <= 10]
    words = [word for word in words if word.isascii() and word.isalpha()]
    chance = random.Random(SEED)
    found = []
    for number in range(SENTENCES):
        text = " ".join(chance.sample(words, chance.randint(3, 6)))
        found.append(Case(text, chance.choice(SPEEDS), chance.randrange(1000), number % 4 == 3))
    return found


def run(*arguments: object, **environment: str) -> tuple[str, float]:
    """What a command prints, and the seconds of processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [*SIGNCAP, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=os.environ | environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def do(case: Case, captions: bool) -> Done:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        # Nobody's settings and profiles: what Signcap does as it comes.
        plain = {"XDG_CONFIG_HOME": f"{folder}/config", "XDG_DATA_HOME": f"{folder}/data"}
        video = Path(folder, "signed.mp4")
        how = ["--speed", case.speed, "--signer-seed", case.signer, "--size", SIZE, "-o", video]
        how += ["--left-handed"] * case.left_handed + ["--no-captions"] * (not captions)
        _, made = run("demo", case.text, *how, **plain)
        source = VideoFile(video, realtime=False)
        seconds = source.duration or 0.0
        source.close()
        read, captioned = run("caption", video, "-q", **plain)
    return Done(case, " ".join(read.split()), seconds, made, captioned, time.monotonic() - began)


def print_tables(all_done: Sequence[Done]) -> None:
    print("| | characters | wrong | error rate | substituted | missing | too many |\n|---|---|---|---|---|---|---|")
    for name, found in (
        ("with spaces", total(one.with_spaces for one in all_done)),
        ("letters alone", total(one.letters for one in all_done)),
        ("letters alone, right hands", total(one.letters for one in all_done if not one.case.left_handed)),
        ("letters alone, left hands", total(one.letters for one in all_done if one.case.left_handed)),
    ):
        parts = f"{found.substitutions} | {found.deletions} | {found.insertions}"
        print(f"| {name} | {found.wanted} | {len(found.pairs)} | {found.error_rate:.1%} | {parts} |")
    print("\n| letters a second | sentences | read without a mistake | error rate, with spaces | letters alone |")
    print("|---|---|---|---|---|")
    for speed in SPEEDS:
        some = [one for one in all_done if one.case.speed == speed]
        whole = sum(one.read == one.case.text for one in some)
        rates = [total(parts).error_rate for parts in ([o.with_spaces for o in some], [o.letters for o in some])]
        print(f"| {speed:g} | {len(some)} | {whole} | {rates[0]:.1%} | {rates[1]:.1%} |")
    seconds = sum(one.seconds for one in all_done)
    print("\n| seconds of processor time for a second of video | |\n|---|---|")
    print(f"| `signcap demo` | {sum(one.made for one in all_done) / seconds:.2f} |")
    print(f"| `signcap caption` | {sum(one.captioned for one in all_done) / seconds:.2f} |")
    print(f"\n{len(all_done)} sentences, {seconds:.0f} seconds of video.\n")
    pairs = Counter(pair for one in all_done for pair in one.with_spaces.pairs)
    print(
        "Most often:", ", ".join(f"{meant or '–'} → {read or '–'} {n}" for (meant, read), n in pairs.most_common(12))
    )
    for one in all_done:
        if one.read != one.case.text:
            case = one.case
            print(f"- {case.speed:g}/s, signer {case.signer}{', left' * case.left_handed}: {case.text} → {one.read}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--part", default=f"0:{SENTENCES}", metavar="FROM:TO")
    parser.add_argument("--captions", action="store_true", help="the videos have captions in their pictures")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    first, last = map(int, asked.part.split(":"))
    for number, case in enumerate(cases()):
        file = asked.work / f"{number:02}.json"
        if first <= number < last and not asked.table and not file.exists():
            done = do(case, asked.captions)
            file.write_text(json.dumps(asdict(done)))
            print(number, case.text, "→", done.read, flush=True)
    if asked.table:
        kept = [json.loads(file.read_text()) for file in sorted(asked.work.glob("*.json"))]
        print_tables([Done(**(one | {"case": Case(**one["case"])})) for one in kept])


if __name__ == "__main__":
    main()
