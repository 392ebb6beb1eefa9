"""Leaves out what a library imports and we never use: half of MediaPipe's start is Matplotlib and a sound library."""

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType


@contextlib.contextmanager
def without(*names: str) -> Iterator[None]:
    """Make imports of these modules find empty ones meanwhile; those that are there already stay.

    Afterwards they can be imported as ever. What was imported meanwhile keeps the empty ones.

    Args:
        names: each after the one that it lies in, for example "matplotlib", "matplotlib.pyplot".
    """
    empty = {name: ModuleType(name) for name in names if name not in sys.modules}
    for name, module in empty.items():
        sys.modules[name] = module
        parent, _, last = name.rpartition(".")
        if parent in empty:
            setattr(empty[parent], last, module)
    try:
        yield
    finally:
        for name, module in empty.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
