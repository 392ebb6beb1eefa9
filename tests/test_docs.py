"""What documents and help say of files, links and tests is true."""

import re
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.unit

ROOT: Final = Path(__file__).parent.parent
FOLDERS: Final = ("bench", "docs", "extension", "findings", "models", "overlay", "server", "static", "tests")
WRITTEN: Final = {".py", ".md", ".js", ".html"}
NAMED: Final = re.compile(
    rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/(?:[\w-]+/)*[\w-]+\.(?:py|md|js|html|css|png|svg|sh)\b"
)
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def sources() -> list[Path]:
    """Files of this repository that are written by hand."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in WRITTEN]
    own = [path for path in found if not {"__pycache__", "node_modules", "vendor"}.intersection(path.parts)]
    return sorted([*own, *ROOT.glob("*.md"), *ROOT.glob("Makefile")])


def documents() -> list[Path]:
    return [path for path in sources() if path.suffix == ".md"]


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


def test_each_file_that_a_document_or_a_help_names_is_there() -> None:
    named = {(path.name, name) for path in sources() for name in NAMED.findall(path.read_text("utf-8"))}
    assert len(named) > 50
    assert sorted((where, name) for where, name in named if not (ROOT / name).exists()) == []


def test_each_link_of_a_document_leads_somewhere() -> None:
    links = {(path, link) for path in documents() for link in LINK.findall(path.read_text("utf-8"))}
    inside = {(path, link) for path, link in links if ":" not in link}
    assert len(inside) > 50
    assert sorted((path.name, link) for path, link in inside if not leads_somewhere(path, link)) == []


def leads_somewhere(document: Path, link: str) -> bool:
    """Whether the file of a relative link is there, and in it the heading that it names."""
    name, _, anchor = link.partition("#")
    target = document.parent / name if name else document
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(document: Path) -> set[str]:
    """What links name the headings of a document by."""
    headings = HEADING.findall(document.read_text("utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for package in ("overlay", "server", "models"):
        table = text.split(f"### Rooms of `{package}/`")[1].split("\n##")[0]
        rooms = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert len(rooms) >= 3
        assert sorted(room for room in rooms if f"| `{room}/` |" not in table) == []


def test_what_a_newcomer_is_asked_for_is_on_the_page() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| \d+ \|.*$", (ROOT / "docs" / "newcomers_test.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 10
    for row in rows:
        first = NAMED.findall(row)[0]
        assert f"`{first}`" in page, row


def test_each_word_has_one_line() -> None:
    words = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)
    words = [word for word in words if word not in ("word", "---")]
    assert len(words) > 50
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_make_does_what_the_documents_say() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^```sh\n(\./setup\.sh.+)\n```$", readme, re.MULTILINE)
    assert len(commands) == 2
    checks = re.findall(r"^(?:\.venv/bin|npx).+$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    assert len(checks) == 5
    assert [command for command in [*commands, *checks] if f"\t{command}\n" not in makefile] == []
    targets = set(re.findall(r"`make (\w+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    assert targets == set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
