"""How likely one word was read where another was spelled: an edit distance with the weights of a recogniser."""

from itertools import combinations, pairwise
from typing import Final

# Handshapes that recognisers take for each other, whatever the direction.
CONFUSED: Final = ("MNT", "STAE", "EO", "AI", "URV", "GQP", "KV", "DL", "IJY")

# In a test of a fingerspelling recogniser with people it had not learnt from (MiCT-RANet), of 100 letters
# 13.5 were lost, 8.7 taken for another, and 3.4 were added. A letter is lost in one way only, but taken for a
# given other letter in one of many: the weights are the negative logarithms of such shares, and OTHER is one.
LOST: Final = 0.31
LOST_DOUBLE: Final = 0.2  # the slide of a double letter is easy to miss
TAKEN: Final = 0.62  # for one that looks like it
OTHER: Final = 1.0
ADDED: Final = 1.0
ADDED_DOUBLE: Final = 0.7
NATS: Final = 6.5  # what a weight of one stands for

_PAIRS: Final = frozenset(
    pair for group in CONFUSED for one, other in combinations(group, 2) for pair in ((one, other), (other, one))
)


def misreading(read: str, spelled: str) -> float:
    """The least weight of the errors that turn `spelled` into `read`, both upper case; 0 where they are equal."""
    row = [0.0]
    for place, letter in enumerate(spelled):
        row.append(row[-1] + (LOST_DOUBLE if place and spelled[place - 1] == letter else LOST))
    lost = [after - before for before, after in pairwise(row)]
    last = ""
    for letter in read:
        added = ADDED_DOUBLE if letter == last else ADDED
        last, above, row = letter, row, [row[0] + added]
        for place, meant in enumerate(spelled):
            if letter == meant:
                taken = above[place]
            else:
                taken = above[place] + (TAKEN if (letter, meant) in _PAIRS else OTHER)
            row.append(min(taken, above[place + 1] + added, row[place] + lost[place]))
    return row[-1]
