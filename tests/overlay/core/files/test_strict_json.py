"""JSON that others may have written: all that is wrong with it is one kind of error."""

import pytest

from overlay.core.files.strict_json import parse_json

pytestmark = pytest.mark.unit


def test_what_is_right_is_read() -> None:
    assert parse_json(b'{"a": [1, -2.5, true, null, "\xc3\xa9"]}') == {"a": [1, -2.5, True, None, "é"]}
    assert parse_json("9223372036854775807") == 2**63 - 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"NaN",
        b"[Infinity]",
        b'{"a": -Infinity}',
        b"1e999",
        b"[-1e400]",
        b"9223372036854775808",
        b"1" * 5000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda data: data[:12].decode("latin1"),
)
def test_what_is_wrong_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_json(data)
