"""How much of the running spelling of real people is read: error rates by text and by signer, and calibration."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from models.evaluation.evaluate import NOTHING, calibration_of
from models.evaluation.people.running import ReadTake
from overlay.core.edit_distance import Edits, aligned, edits, total
from overlay.core.errors import SigncapError

KINDS: Final = ("substitutions", "deletions", "insertions")

Json = dict[str, Any]
Pairs = Sequence[tuple[str, str]]  # what was spelled, and what was read


def running_figures(takes: Sequence[ReadTake]) -> Json:
    """All figures of takes that were read, as plain values.

    "literal" is what was read letter by letter, "assisted" the same with a language where that is clearly better.
    Error rates are of letters, spaces not counted: errors over letters spelled, of all takes together.

    Raises:
        SigncapError: none of them could be read.
    """
    readable = [take for take in takes if take.unreadable is None]
    if not readable:
        raise SigncapError(takes[0].unreadable or "There is no take of running spelling: name another file.")
    literal, assisted = _both(readable)
    return {
        "takes": len(readable),
        "letters": literal["letters"],
        "hand_found": sum(take.with_hand for take in readable) / max(sum(take.frames for take in readable), 1),
        "literal": literal | {"calibration": calibration_of(running_letters(readable))},
        "assisted": assisted,
        "signers": _grouped(readable, [take.signer for take in readable]),
        "words": _grouped(readable, [take.text for take in readable]),
        "unreadable": [take.unreadable for take in takes if take.unreadable is not None],
    }


def error_figures(pairs: Pairs) -> Json:
    """Error rate, kinds of errors, confusions, and how many takes were read as exactly their text."""
    whole = _letter_edits(pairs)
    return {
        "letters": whole.wanted,
        "errors": len(whole.pairs),
        "cer": whole.error_rate,
        **{kind: getattr(whole, kind) for kind in KINDS},
        "exact": sum(wanted == read for wanted, read in pairs),
        "confusions": [
            [meant or NOTHING, read or NOTHING, count] for (meant, read), count in Counter(whole.pairs).most_common()
        ],
    }


def running_letters(takes: Sequence[ReadTake]) -> list[tuple[float, bool]]:
    """Of each letter that was read, its confidence, and whether the letter that it is aligned to was spelled."""
    letters = []
    for take in takes:
        wanted = take.text.replace(" ", "")
        for true, place in aligned(wanted, [letter.text for letter in take.letters]):
            if place is not None:
                letter = take.letters[place]
                letters.append((letter.confidence, true is not None and wanted[true] == letter.text))
    return letters


def _grouped(takes: Sequence[ReadTake], keys: Sequence[str]) -> Json:
    """The figures of each signer or of each text, sorted by name."""
    groups = {key: [take for take, own in zip(takes, keys, strict=True) if own == key] for key in sorted(set(keys))}
    return {
        key: {
            "takes": len(own),
            **{
                how: {name: value for name, value in of.items() if name != "confusions"}
                for how, of in zip(("literal", "assisted"), _both(own), strict=True)
            },
            "read": [take.read for take in own],
            "read_assisted": [take.assisted for take in own],
        }
        for key, own in groups.items()
    }


def _both(takes: Sequence[ReadTake]) -> tuple[Json, Json]:
    """Error figures of the literal reading and of the assisted one."""
    return (
        error_figures([(take.text, take.read) for take in takes]),
        error_figures([(take.text, take.assisted) for take in takes]),
    )


def _letter_edits(pairs: Pairs) -> Edits:
    return total(edits(wanted.replace(" ", ""), read.replace(" ", "")) for wanted, read in pairs)
