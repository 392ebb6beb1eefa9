"""What the documents say of the tests is true."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("document", ["privacy.md", "security.md"])
def test_each_test_that_a_promise_names_is_there(document: str) -> None:
    text = (ROOT / "docs" / document).read_text("utf-8")
    files = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    everything = "\n".join(files.values())
    named = set(re.findall(r"\btest_\w+\.py\b", text))
    functions = set(re.findall(r"(?:::|`)(test_\w+)\b(?!\.py)", text))
    assert len(named) >= 4
    assert named - set(files) == set()
    assert [name for name in functions if f"def {name}(" not in everything] == []
