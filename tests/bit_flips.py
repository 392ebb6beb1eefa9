"""Files in which a disk has turned over one bit."""

import random
from collections.abc import Iterator

FLIPS = 1500


def flipped(data: bytes, count: int = FLIPS) -> Iterator[bytes]:
    """The data with one bit the other way round: each bit once, or so many by chance where there are more."""
    bits = range(8 * len(data))
    for bit in bits if len(bits) <= count else random.Random(17).sample(bits, count):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)
