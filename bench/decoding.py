"""Ways to decode the same posteriors: greedy collapse with thresholds, and CTC prefix beam search.

python bench/decoding.py PHOTOGRAPHS [--cache FILE.npz] [--grid] [--clips 12] [--model FOLDER]

Posteriors are made once, and every decoder reads the very same: of synthetic signers of unseen looks at 2, 4 and 6
letters a second before cameras of 15, 24 and 30 frames a second; of PHOTOGRAPHS/SIGNER/LETTER/*.jpg of people that
the model was not trained on, strung together; and of people who gesture and rest. --cache keeps them in a file, or
takes them from it where it is there. --grid tries settings of the greedy decoder instead.

Prefix beam search: Graves et al., 2006, section 3.2 (prefix search), in the form of Hannun et al., 2014, arXiv
1408.2873, algorithm 1, without a language model. What two searches in a row agree on is committed (LocalAgreement-2:
Liu et al., 2020; Macháček et al., 2023).
"""

import argparse
import itertools
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from models.console import ready_hand_model
from models.evaluation.live import Performer
from models.evaluation.posteriors import Heard, hear, load_heard, photographed, save_heard
from models.evaluation.silence.resting import gesture, rest
from models.evaluation.synthetic.spelling import spell
from models.evaluation.synthetic.unseen import UNSEEN, text
from overlay.core.edit_distance import aligned, edits, total
from overlay.core.errors import SigncapError
from overlay.core.process.parallel import cores, in_parallel
from overlay.core.settings import Decoding
from overlay.recognition.decoder import Decoder
from overlay.recognition.letter_model import BLANK, LETTERS
from overlay.synthesis.signer import SignerLook

SPEEDS, RATES = (2.0, 4.0, 6.0), (15.0, 24.0, 30.0)
FIRST = 20_000  # of the seeds of this bench
SILENT_SECONDS = 20.0
SEARCHED = 0.001  # letters less likely than this are not tried
EVERY = 3  # steps between two searches whose agreement is asked for
GRID: dict[str, tuple[float, ...]] = {
    "letter_confidence": (0.4, 0.5, 0.6, 0.7, 0.8),
    "release_confidence": (0.2, 0.35, 0.5),
    "least_hold": (0.034, 0.067, 0.1, 0.134),
    "final_hold": (0.15, 0.25, 0.35),
    "double_gap": (0.07, 0.12, 0.17),
}
BEST = 12  # rows of the grid that are shown


@dataclass(frozen=True)
class Committed:
    """What a decoder made of one performance.

    Attributes:
        letters: what it committed.
        known: when, in seconds of the performance.
        changed: edits between that and what it would say of the whole performance at its end.
    """

    letters: str
    known: tuple[float, ...]
    changed: int = 0


Decode = Callable[[Heard], Committed]


def greedy(heard: Heard, rules: Decoding | None = None) -> Committed:
    """The live path's own decoder."""
    decoder = Decoder(rules)
    made: list[tuple[str, float]] = []
    for posteriors, at, known, moved in zip(
        heard.posteriors, heard.at, heard.known, heard.moved.tolist(), strict=True
    ):
        made += [(letter.text, known) for letter in decoder.accept(posteriors, float(at), (moved[0], moved[1]))]
    made += [(letter.text, heard.known[-1]) for letter in decoder.finish()]
    return Committed("".join(letter for letter, _ in made), tuple(float(known) for _, known in made))


class PrefixSearch:
    """CTC prefix beam search: for each prefix, the probability that it was read so far and ends in blank or not."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}

    def accept(self, posteriors: Sequence[float]) -> None:
        """Take one step."""
        grown: defaultdict[tuple[int, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
        likely = [label for label in range(BLANK) if posteriors[label] > SEARCHED]
        for prefix, (blank, letter) in self._beams.items():
            both = blank + letter
            grown[prefix][0] += both * posteriors[BLANK]
            if prefix:
                grown[prefix][1] += letter * posteriors[prefix[-1]]
            for label in likely:
                # The same letter again is a second one only after a blank.
                from_where = blank if prefix and prefix[-1] == label else both
                grown[(*prefix, label)][1] += from_where * posteriors[label]
        kept = sorted(grown.items(), key=lambda beam: -sum(beam[1]))[: self._width]
        scale = sum(kept[0][1])
        self._beams = {prefix: (blank / scale, letter / scale) for prefix, (blank, letter) in kept}

    @property
    def best(self) -> str:
        """The likeliest letters so far."""
        return "".join(LETTERS[label] for label in next(iter(self._beams)))


def beam(heard: Heard, width: int) -> Committed:
    """Prefix beam search; what two searches in a row agree on is committed, and stays."""
    search = PrefixSearch(width)
    committed, known, before = "", [], ""
    for index, posteriors in enumerate(heard.posteriors.tolist()):
        search.accept(posteriors)
        if (index + 1) % EVERY and index + 1 < len(heard.posteriors):
            continue
        alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, search.best, strict=False))
        agreed = "".join(letter for letter, _ in alike)
        if len(agreed) > len(committed):
            known += [float(heard.known[index])] * (len(agreed) - len(committed))
            committed += agreed[len(committed) :]
        before = search.best
    changed = len(edits(search.best[: len(committed)], committed).pairs)
    rest_of_it = search.best[len(committed) :]
    return Committed(committed + rest_of_it, (*known, *[float(heard.known[-1])] * len(rest_of_it)), changed)


DECODERS: dict[str, Decode] = {
    "greedy, thresholds": greedy,
    "prefix beam, 5, agreement": partial(beam, width=5),
    "prefix beam, 10, agreement": partial(beam, width=10),
}


@dataclass(frozen=True)
class Score:
    """A decoder on some performances.

    Attributes:
        error_rate: of letters.
        wrong: committed letters that were not signed, or are another's.
        delays: milliseconds from the end of each letter that was read to its commit.
        changed: see `Committed`.
    """

    error_rate: float
    wrong: int
    delays: tuple[float, ...]
    changed: int


def score(several: Sequence[Heard], decode: Decode) -> Score:
    made, delays, changed = [], [], 0
    for heard in several:
        committed = decode(heard)
        changed += committed.changed
        made.append(edits(heard.text, committed.letters))
        for i, j in aligned(heard.text, committed.letters):
            if i is not None and j is not None and heard.text[i] == committed.letters[j]:
                delays.append(1000 * (committed.known[j] - heard.letters[i].end))
    whole = total(made)
    return Score(whole.error_rate, whole.substitutions + whole.insertions, tuple(delays), changed)


class Listener:
    """Hears one performance after the other, in a process of its own."""

    def __init__(self, model: Path | None, hand_model: Path) -> None:
        self._hear = partial(hear, model=model, hand_model=hand_model)

    def __call__(self, task: tuple[Callable[[], Performer], float]) -> Heard:
        begin, rate = task
        return self._hear(begin(), rate)


def make(photographs: Path, clips: int, model: Path | None) -> list[Heard]:
    """Posteriors of everything."""
    hand_model = ready_hand_model(None)
    spelled: list[Heard] = []
    for held in photographed(photographs, model=model, hand_model=hand_model):
        rng = np.random.default_rng(len(spelled))
        spelled += [held.spell(rng, 4, speed) for speed in SPEEDS]
    tasks: list[tuple[Callable[[], Performer], float]] = []
    for k in range(clips):
        seed = UNSEEN + FIRST + k
        signer = partial(spell, text(FIRST + k, 3), SPEEDS[k % 3], seed, SignerLook.random(seed))
        tasks.append((signer, RATES[k // 3 % 3]))
    for k in range(max(clips // 4, 1)):
        tasks += [(partial(one, SILENT_SECONDS, UNSEEN + FIRST + 1000 + k), 30.0) for one in (gesture, rest)]
    heard: dict[int, Heard] = {}
    for number, one in in_parallel(partial(Listener, model, hand_model), tasks, cores()):
        heard[number] = one
        print(f"\r{len(heard)} of {len(tasks)} clips", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return spelled + [heard[number] for number in range(len(tasks))]


def compare(everything: Sequence[Heard]) -> Iterator[str]:
    """A row for each decoder and kind of sequence."""
    yield "| decoder | sequences | letters wrong | delay, ms, median / 95 % | committed, not signed | changed |"
    yield "|---|---|---|---|---|---|"
    for name, decode in DECODERS.items():
        for kind in ("synthetic", "photographs"):
            one = score([heard for heard in everything if heard.kind == kind], decode)
            middle, high = np.percentile(one.delays or [np.nan], [50, 95])
            delay = f"{middle:.0f} / {high:.0f}"
            yield f"| {name} | {kind} | {100 * one.error_rate:.1f} % | {delay} | {one.wrong} | {one.changed} |"
        silent = [heard for heard in everything if heard.kind == "silent"]
        minutes = sum(heard.at[-1] - heard.at[0] for heard in silent) / 60
        letters = sum(len(decode(heard).letters) for heard in silent)
        yield f"| {name} | nobody signs | {letters / minutes:.1f} letters a minute | | {letters} | |"


class Settings:
    """Tries one setting after the other, in a process of its own."""

    def __init__(self, everything: Sequence[Heard]) -> None:
        self._everything = everything

    def __call__(self, rules: Decoding) -> tuple[float, float, float, float]:
        """Errors on synthetic clips and on photographs, letters a minute where nobody signs, median delay in ms."""
        decode = partial(greedy, rules=rules)
        kinds = {kind: [one for one in self._everything if one.kind == kind] for kind in ("synthetic", "photographs")}
        synthetic, photographs = (score(several, decode) for several in kinds.values())
        silent = [one for one in self._everything if one.kind == "silent"]
        letters = sum(len(decode(one).letters) for one in silent)
        minutes = sum(one.at[-1] - one.at[0] for one in silent) / 60
        delays = synthetic.delays + photographs.delays
        return synthetic.error_rate, photographs.error_rate, letters / minutes, float(np.median(delays))


def grid(everything: Sequence[Heard]) -> Iterator[str]:
    """The settings as they are, each of them alone otherwise, and the best of all together."""
    usual = Decoding()
    alone = [usual.model_copy(update={name: value}) for name, values in GRID.items() for value in values]
    together = [
        usual.model_copy(update=dict(zip(GRID, values, strict=True)))
        for values in itertools.product(*GRID.values())
        if values[1] <= values[0]
    ]
    tried = [usual, *alone, *together]
    results = dict(in_parallel(partial(Settings, everything), tried, cores()))
    allowed = results[0][2]
    fair = [k for k in range(1 + len(alone), len(tried)) if results[k][2] <= allowed]
    fair.sort(key=lambda k: results[k][0] + results[k][1])
    yield "| " + " | ".join(GRID) + " | synthetic | photographs | nobody signs, a minute | delay, ms |"
    yield "|" + "---|" * (len(GRID) + 4)
    for number in [*range(1 + len(alone)), *fair[:BEST]]:
        values = " | ".join(f"{getattr(tried[number], name):g}" for name in GRID)
        synthetic, photographs, silent, delay = results[number]
        yield f"| {values} | {100 * synthetic:.1f} % | {100 * photographs:.1f} % | {silent:.1f} | {delay:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--cache", type=Path, help="keep the posteriors here, or take them from here")
    parser.add_argument("--grid", action="store_true", help="try settings of the greedy decoder")
    parser.add_argument("--clips", type=int, default=12, help="synthetic clips of three words")
    parser.add_argument("--model", type=Path, help="folder of a recogniser; the shipped one by default")
    arguments = parser.parse_args()
    if arguments.cache is not None and arguments.cache.exists():
        everything = load_heard(arguments.cache)
    else:
        try:
            everything = make(arguments.photographs, arguments.clips, arguments.model)
        except SigncapError as error:
            sys.exit(str(error))
        if arguments.cache is not None:
            save_heard(everything, arguments.cache)
    print("\n".join(grid(everything) if arguments.grid else compare(everything)))


if __name__ == "__main__":
    main()
