"""`signcap compare`: the table, and going on where it was."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.training.runs.store import read_epochs, read_run
from overlay.core.errors import SigncapError
from tests.models.commands.forking import Forked
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")]
Several = Callable[..., list[Any]]
Compared = tuple[Path, Path, dict[str, str], Any]
RUNS = [f"compare-{by}-{network}" for network in ("cnn", "enhanced-cnn") for by in ("frame", "signer")]
AROUND = ("# Results\n\nWhat stands before.\n", "\nWhat stands after.\n")


def arguments(folder: Path, runs: Path) -> list[str]:
    """Two networks, an epoch each, on two dozen pictures."""
    given = ["--networks", "cnn,enhanced-cnn", "--size", "32", "--epochs", "1", "--per-letter", "2", "--batch", "4"]
    return ["compare", str(folder), *given, "--letters", "ABC", "--workers", "0", "--runs", str(runs)]


def ended(runs: Path, name: str) -> bool:
    """A run and its test are done."""
    try:
        return all(read_run(runs, each)["status"] == "finished" for each in (name, f"{name}-test"))
    except SigncapError:
        return False


@pytest.fixture(scope="module")
def compared(
    several: Several, begin: Callable[..., Forked], crops_of_four: Path, tmp_path_factory: pytest.TempPathFactory
) -> Compared:
    """A comparison that was killed after its first run, then done: runs, the file, when the runs that were done
    before began, and what was said.
    """
    runs = tmp_path_factory.mktemp("compare") / "runs"
    write = runs.parent / "results.md"
    process = begin(arguments(crops_of_four, runs))
    until(lambda: ended(runs, RUNS[0]) or process.poll() is not None, 120)
    assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()
    before = {name: str(read_run(runs, name)["began"]) for name in RUNS if ended(runs, name)}
    stamps = {name: str((runs / name / "best.safetensors").stat().st_mtime_ns) for name in before}
    write.write_text(AROUND[0] + "<!-- signcap compare: begin -->\nold\n<!-- signcap compare: end -->" + AROUND[1])
    (done,) = several([[*arguments(crops_of_four, runs), "--write", str(write)]])
    return runs, write, stamps, done


def test_killed_it_does_not_do_again_what_is_done(compared: Compared) -> None:
    runs, _, stamps, done = compared
    assert done.returncode == 0, done.stderr
    assert RUNS[0] in stamps
    assert len(stamps) < 4
    for name, stamp in stamps.items():
        assert f"{name} is there already." in done.stderr
        assert str((runs / name / "best.safetensors").stat().st_mtime_ns) == stamp
    assert all(ended(runs, name) for name in RUNS)
    assert done.stderr.count("is there already") == len(stamps)


def test_the_table_says_what_the_runs_say(compared: Compared) -> None:
    runs, _, _, done = compared
    for title, network in (("Baseline CNN", "cnn"), ("Enhanced CNN", "enhanced-cnn")):
        (row,) = [line for line in done.stdout.splitlines() if line.startswith(f"| {title} |")]
        cells = [cell.strip(" *") for cell in row.strip("|").split("|")]
        (epoch,) = read_epochs(runs / f"compare-frame-{network}")
        tests = [read_epochs(runs / f"compare-{by}-{network}-test")[0]["test"] for by in ("frame", "signer")]
        assert cells[1] == cells[2] == f"{epoch['train']['accuracy']:.1%}"
        assert cells[4] == f"{epoch['train']['loss']:.4f}"
        assert cells[5] == f"{epoch['validation']['accuracy']:.1%}"
        assert cells[6:8] == [f"{test['accuracy']:.1%}" for test in tests]
    assert "Pictures of 24 hands by 4 signers, letters ABC" in done.stdout
    people = [read_run(runs, "compare-signer-cnn")["data"]["signers"][split] for split in ("train", "test")]
    assert not set(people[0]) & set(people[1])


def test_the_table_is_put_between_its_marks(compared: Compared) -> None:
    _, write, _, done = compared
    text = write.read_text("utf-8")
    assert text.startswith(AROUND[0] + "<!-- signcap compare: begin -->\n| model |")
    assert text.endswith("<!-- signcap compare: end -->" + AROUND[1])
    assert "old" not in text
    assert done.stdout.strip() in text


def test_all_done_it_gives_the_table_once_more_and_refuses_another_comparison(
    compared: Compared, several: Several, crops_of_four: Path, tmp_path: Path
) -> None:
    runs, _, _, done = compared
    two = tmp_path / "two"
    for name in ("ann", "bob"):
        shutil.copytree(crops_of_four / name, two / name)
    lines = arguments(crops_of_four, runs)
    again, unseen, seed, fewer, few, unknown = several(
        [
            [*lines, "--write", str(tmp_path / "new.md")],
            [*lines, "--unseen", str(two)],
            [*lines, "--seed", "1"],
            [*lines, "--per-letter", "3"],
            arguments(two, runs),
            [*lines, "--networks", "cnn,vgg"],
        ]
    )
    assert again.returncode == 0, again.stderr
    assert again.stdout == done.stdout
    assert (tmp_path / "new.md").read_text("utf-8").startswith("<!-- signcap compare: begin -->\n| model |")
    assert unseen.returncode == 0, unseen.stderr
    assert "Unseen signers: the same weights read 36 pictures of\n2 other people." in unseen.stdout
    assert seed.sentence == "The run compare-frame-cnn is of another comparison: choose another --name."
    assert fewer.sentence == seed.sentence
    assert few.sentence.startswith(f"{two} has 2 signers, and a test on unseen people needs three")
    assert unknown.sentence.startswith("There is no network vgg")
