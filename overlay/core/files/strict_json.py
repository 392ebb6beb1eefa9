"""Reads JSON that others may have written, or a disk has damaged: whatever is wrong with it is a `ValueError`."""

import json
import math
from typing import Any, NoReturn

_LARGEST = 2**63  # beyond it, numbers are no counts, times or sizes, and arithmetic with them fails


def parse_json(data: bytes | str) -> Any:
    """Return the value of a JSON text; its numbers are finite and fit into 64 bits.

    Args:
        data: text, or UTF-8.

    Raises:
        ValueError: it is no JSON, is nested too deeply, or holds a number that no reader of ours can take.
    """
    try:
        return json.loads(
            data if isinstance(data, str) else data.decode("utf-8"),
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number that is too large")
    return value


def _bounded(text: str) -> int:
    value = int(text)
    if not -_LARGEST <= value < _LARGEST:
        raise ValueError("a number that is too large")
    return value
