"""How often the word that was spelled is suggested for a misread one, and what suggestions cost.

python bench/suggestions.py [misread words of each kind]
"""

import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from string import ascii_uppercase

from symspellpy import SymSpell, Verbosity

from overlay.captions.language.word_list import DICTIONARY
from overlay.captions.suggestions import Suggester
from overlay.media.frame import Frame
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.synthesis.signer import SyntheticSigner

# Shares of letters that a recogniser of fingerspelling lost, took for another and added with people that it had
# not learnt from (MiCT-RANet on ChicagoFSWild). Six in ten of those that were taken for another are taken for one
# that it or the shipped model confuses most with them (see the model card), the others for any letter.
LOST, TAKEN, ADDED, AS_KNOWN = 0.135, 0.087, 0.034, 0.6
KNOWN = {"E": "O", "O": "E", "I": "YA", "Y": "I", "R": "U", "U": "R", "A": "SI", "S": "A"}
KNOWN |= {"N": "M", "M": "NT", "Q": "PG", "T": "V", "X": "R"}

FREQUENT = 3000
NAMES = (
    "AISHA ALEKSANDER AMARA ANNA AOIFE BEATRIZ BJORN CHIARA CHIDI DEEPAK DMITRI ELENA EMMA FATIMA FEMI GIULIA GRACE "
    "HIROSHI IMRAN INGRID JAMAL JORGE KATARZYNA KENJI LAKSHMI LIAM MIGUEL MOHAMMED NADIA NGUYEN NOAH OLUWASEUN OMAR "
    "PAOLA PRIYA QUENTIN RASHID SIOBHAN SVEN TADEUSZ TAMIKA UMBERTO VIKRAM WEI XAVIER YOLANDA YUKI ZANELE"
).split()
GROUP = 8  # names that are hot words at a time, as in a call

Suggest = Callable[[str], tuple[str, ...]]
Case = tuple[str, str, Suggest]  # what was spelled, what was read, who is asked


def misread(word: str, rng: random.Random, as_known: float) -> str:
    """A word as it may be read."""
    letters = []
    for letter in word:
        chance = rng.random()
        if chance >= LOST + TAKEN:
            letters.append(letter)
        elif chance >= LOST:
            known = letter in KNOWN and rng.random() < as_known
            letters.append(rng.choice(KNOWN[letter] if known else ascii_uppercase.replace(letter, "")))
        if rng.random() < ADDED:
            letters.append(rng.choice(ascii_uppercase))
    return "".join(letters)


def misreadings(words: Sequence[str], count: int, as_known: float = AS_KNOWN) -> list[tuple[str, str]]:
    """Words and what was read instead, the same each time."""
    rng = random.Random(1)
    pairs: list[tuple[str, str]] = []
    while len(pairs) < count:
        word = rng.choice(words)
        read = misread(word, rng, as_known)
        if read and read != word:
            pairs.append((word, read))
    return pairs


def shares(cases: Iterable[Case], words: set[str]) -> str:
    """Cells of a row: the right word is first, is among three, only others are suggested, none for either reason."""
    first = among = others = is_word = none = count = 0
    for word, read, suggest in cases:
        offered = suggest(read)
        count += 1
        first += offered[:1] == (word,)
        among += word in offered
        others += bool(offered) and word not in offered
        is_word += not offered and read in words
        none += not offered and read not in words
    return " | ".join(f"{100 * value / count:.0f} %" for value in (first, among, others, is_word, none))


def needless(cases: Iterable[Case]) -> str:
    """How many of words that were read right get a suggestion."""
    results = [bool(suggest(read)) for _, read, suggest in cases]
    return f"{100 * sum(results) / len(results):.1f} % of {len(results)}"


def loaded(hot_words: Sequence[str] = ()) -> Suggester:
    suggester = Suggester(hot_words)
    suggester.load()
    return suggester


def own_order(path: str) -> Suggest:
    """What symspellpy suggests by itself: closest first, then most frequent."""
    index = SymSpell(2, 6)
    index.load_dictionary(path, 0, 1, encoding="utf-8-sig")

    def suggest(read: str) -> tuple[str, ...]:
        found = index.lookup(read.lower(), Verbosity.ALL)
        return () if found and found[0].distance == 0 else tuple(one.term.upper() for one in found[:3])

    return suggest


def report_words(path: str, count: int) -> None:
    """Print how often the right word is suggested, and how often one is where none is needed."""
    words = [line.split()[0].upper() for line in Path(path).read_text("utf-8-sig").splitlines()]
    known = set(words)
    frequent = [word for word in words if len(word) > 2][:FREQUENT]
    plain, own = loaded(), own_order(path)
    groups = [loaded(NAMES[start : start + GROUP]) for start in range(0, len(NAMES), GROUP)]
    as_hot = {name: groups[place // GROUP].near for place, name in enumerate(NAMES)}
    names = misreadings(NAMES, count)
    print("| misread | first | among three | others only | none, it makes another word | none |")
    print("|---|---|---|---|---|---|")
    rows: list[tuple[str, list[Case]]] = [
        (f"the {FREQUENT} most frequent words", [(*pair, plain.near) for pair in misreadings(frequent, count)]),
        ("the same in symspellpy's own order", [(*pair, own) for pair in misreadings(frequent, count)]),
        (
            "the same, letters taken for any other",
            [(*pair, plain.near) for pair in misreadings(frequent, count, 0)],
        ),
        (f"{len(NAMES)} names, {GROUP} at a time given as hot words", [(*pair, as_hot[pair[0]]) for pair in names]),
        ("the same names, not given", [(*pair, plain.near) for pair in names]),
    ]
    for name, cases in rows:
        print(f"| {name} | {shares(cases, known)} |")
    text = " ".join(page.read_text("utf-8") for page in sorted(Path("docs").glob("*.md")))
    text = re.sub(r"```.*?```|`[^`]*`|\(.*?\)|<[^>]*>", " ", text, flags=re.DOTALL)
    written = [word.upper() for word in re.findall(r"(?<![\w'])[A-Za-z][a-z]+(?![\w'])", text)]
    print("\n| read right | get a suggestion that is not needed |\n|---|---|")
    print(f"| words of Signcap's documentation | {needless([('', word, plain.near) for word in written])} |")
    print(f"| names, given as hot words | {needless([('', name, as_hot[name]) for name in NAMES])} |")
    print(f"| names, not given | {needless([('', name, plain.near) for name in NAMES])} |")


def memory() -> float:
    """Resident megabytes."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found.group(1)) / 1024


def frame_times(captioner: LiveCaptioner, pictures: Sequence[Frame], until: Callable[[], bool]) -> list[float]:
    """Milliseconds of the recogniser for each frame of a camera of 30 frames a second."""
    times = []
    for frame in pictures:
        began = time.perf_counter()
        captioner.accept(frame)
        took = time.perf_counter() - began
        times.append(took * 1000)
        if until():
            break
        time.sleep(max(0.0, 1 / 30 - took))
    return times


def figures(times: Sequence[float]) -> str:
    low, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    return f"{low:.2f} / {high:.2f} / {max(times):.2f}"


def report_cost(path: str, count: int) -> None:
    """Print what loading and looking up cost."""
    signer = SyntheticSigner("HELLO WORLD " * 8, size=(640, 480))
    pictures = [Frame(signer.render(index / 30), index, index / 30) for index in range(600)]
    captioner = LiveCaptioner()
    frame_times(captioner, pictures[:60], lambda: False)
    alone = frame_times(captioner, pictures[60:240], lambda: False)
    suggester, before, began = Suggester(), memory(), time.perf_counter()
    suggester.start()
    meanwhile = frame_times(captioner, pictures[240:], lambda: suggester.loaded)
    background, grown = time.perf_counter() - began, memory() - before
    began = time.process_time()
    suggester.load()
    busy = time.process_time() - began
    words = [line.split()[0].upper() for line in Path(path).read_text("utf-8-sig").splitlines()]
    lookups = []
    for _, read in misreadings([word for word in words if len(word) > 2][:FREQUENT], count):
        began = time.thread_time()
        suggester.near(read)
        lookups.append((time.thread_time() - began) * 1000)
    print("\n| cost | |\n|---|---|")
    print(f"| processor time to load, s | {busy:.2f} |")
    print(f"| until loaded beside the recogniser, s | {background:.1f} |")
    print(f"| memory, MB | {grown:.0f} |")
    print(f"| recogniser, ms a frame, before: median / 95th percentile / most | {figures(alone)} |")
    print(f"| recogniser, ms a frame, while loading | {figures(meanwhile)} |")
    print(f"| processor time of a lookup, ms: median / 95th percentile / most | {figures(lookups)} |")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    path = str(files("symspellpy") / DICTIONARY)
    report_words(path, count)
    report_cost(path, count)


if __name__ == "__main__":
    main()
