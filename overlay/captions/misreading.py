"""How likely one word was read where another was spelled: an edit distance with the weights of a recogniser."""

from itertools import combinations, pairwise
from typing import Final

from overlay.core.edit_distance import edit_costs

# Handshapes that recognisers take for each other, whatever the direction.
CONFUSED: Final = ("MNT", "STAE", "EO", "AI", "URV", "GQP", "KV", "DL", "IJY")

# In a test of a fingerspelling recogniser with people it had not learnt from (MiCT-RANet), of 100 letters
# 13.5 were lost, 8.7 taken for another, and 3.4 were added. A letter is lost in one way only, but taken for a
# given other letter in one of many: the weights are the negative logarithms of such shares, and any other costs one.
LOST: Final = 0.31
LOST_DOUBLE: Final = 0.2  # the slide of a double letter is easy to miss
TAKEN: Final = 0.62  # for one that looks like it
ADDED: Final = 1.0
ADDED_DOUBLE: Final = 0.7
NATS: Final = 6.5  # what a weight of one stands for

_ALIKE: Final = {
    pair: TAKEN
    for group in CONFUSED
    for one, other in combinations(group, 2)
    for pair in ((one, other), (other, one))
}


def misreading(read: str, spelled: str) -> float:
    """The least weight of the errors that turn `spelled` into `read`, both upper case; 0 where they are equal."""
    lost = _of_each(spelled, LOST, LOST_DOUBLE)
    added = _of_each(read, ADDED, ADDED_DOUBLE)
    return edit_costs(spelled, read, lost, added, _ALIKE)[-1][-1]


def _of_each(word: str, single: float, double: float) -> list[float]:
    """The weight of each letter, another one where it doubles the letter before."""
    return [double if before == letter else single for before, letter in pairwise(f" {word}")]
