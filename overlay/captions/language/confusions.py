"""Confusions of letters: counted on people, with what looks alike in general beside it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.captions.misreading import CONFUSED

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Of each letter read, how often which other was spelled, and how often itself was: 480 words and names, strung
# together of held letters of 25 people, aligned with what was read. See bench/assisted.py.
COUNTED: Final = {
    "A": (184, "Y2 L1 E1"),
    "B": (30, ""),
    "C": (81, "O2 L1"),
    "D": (96, "E2 L2 C1 A1 R1"),
    "E": (223, "S3 M2 O2 C1 I1 W1"),
    "F": (41, ""),
    "G": (71, "P1"),
    "H": (89, ""),
    "I": (197, "Y4"),
    "J": (0, ""),
    "K": (47, "V2 U1"),
    "L": (110, ""),
    "M": (73, "N5 E3 S2 T1 L1"),
    "N": (148, "A13 T11 K9 R6 U6 M4"),
    "O": (130, "C7 E1"),
    "P": (56, "H3 O1 A1"),
    "Q": (5, ""),
    "R": (154, "U14 N1 I1 T1"),
    "S": (144, "E30 A8 N7 I7 R6 T5"),
    "T": (142, "A41 L13 N11 I2 K2 E2"),
    "U": (35, "O1"),
    "V": (31, "U1"),
    "W": (34, ""),
    "X": (7, "D3 R2 A2 E1 L1"),
    "Y": (49, "I2 C1 A1"),
    "Z": (0, ""),
}
# What people that are not among them are known to confuse, as if it had been counted, too.
RIGHT: Final = 40.0
ALIKE: Final = 2.0
ANY: Final = 0.1


def read_where_spelled() -> NDArray[np.float32]:
    """Return the share of each letter that was read (first) where one was spelled (second), (26, 26)."""
    table = np.full((len(LETTERS), len(LETTERS)), ANY)
    for group in CONFUSED:
        for one in group:
            for other in group:
                table[LETTERS.index(one), LETTERS.index(other)] = ALIKE
    np.fill_diagonal(table, RIGHT)
    for letter, (right, others) in COUNTED.items():
        row = table[LETTERS.index(letter)]
        row[LETTERS.index(letter)] += right
        for other in others.split():
            row[LETTERS.index(other[0])] += int(other[1:])
    return np.asarray(table / table.sum(0), np.float32)
