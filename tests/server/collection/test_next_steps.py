"""What is collected, and the commands that make a model of it."""

import shlex
from pathlib import Path

import pytest

from server.collection.next_steps import body, collected, next_steps, what_is_missing
from server.collection.store import Store

pytestmark = pytest.mark.unit


def collect(folder: Path, signer: str, letter: str, *takes: int) -> None:
    """Takes of so many pictures."""
    for number, count in enumerate(takes, 1):
        take = folder / signer / letter / f"{number:03}"
        take.mkdir(parents=True)
        for index in range(count):
            (take / f"{index:04}.jpg").write_bytes(b"")


def lines(folder: Path) -> dict[str, list[str]]:
    """The words of each command, by the command's name."""
    words = [shlex.split(step.command) for step in next_steps(Store(folder / "data"), folder / "runs")]
    # What starts Signcap is one word, or `python -m server`.
    return {line[start]: line[start + 1 :] for line in words for start in (3 if "-m" in line[:2] else 1,)}


def test_pictures_and_takes_are_counted(tmp_path: Path) -> None:
    collect(tmp_path / "data", "ann", "A", 3, 2)
    collect(tmp_path / "data", "ann", "B", 4)
    (tmp_path / "data/ann/B/extra.png").write_bytes(b"")
    (tmp_path / "data/ann/C").mkdir()
    found = collected(Store(tmp_path / "data"))
    assert {letter: (one.pictures, one.takes) for letter, one in found["ann"].items()} == {"A": (5, 2), "B": (5, 2)}


def test_what_is_missing_is_said_before_a_command_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    assert what_is_missing(collected(store)) == ["No pictures yet: take some on Collect."]
    collect(tmp_path / "data", "ann", "A", 3, 2)
    assert what_is_missing(collected(store)) == []
    collect(tmp_path / "data", "ann", "B", 4)
    assert what_is_missing(collected(store)) == ["B: one take only. Collect another take of it, or a second signer."]
    collect(tmp_path / "data", "bob", "A", 3)
    assert what_is_missing(collected(store)) == []


def test_the_commands_lead_from_one_to_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    collect(folder / "data", "ann", "A", 1, 1)
    said = lines(folder)
    assert list(said) == ["crop", "split", "train", "export", "evaluate", "run"]
    crops, model = said["crop"][1], said["export"][1]
    assert said["crop"][0] == said["evaluate"][0] == str(folder / "data")
    assert said["split"] == [crops]
    assert said["train"][0] == crops
    name = said["train"][said["train"].index("--name") + 1]
    assert said["export"][0] == str(folder / "runs" / name)
    assert said["run"] == ["--model", model]


def test_what_was_done_is_marked_and_nothing_is_overwritten(tmp_path: Path) -> None:
    def done() -> list[bool]:
        return [step.done for step in next_steps(Store(tmp_path / "data"), tmp_path / "runs")]

    collect(tmp_path / "data", "ann", "A", 1, 1)
    assert not any(done())
    (tmp_path / "data-crops").mkdir()
    (tmp_path / "data-crops/crops.jsonl").write_text("{}\n{}\n")
    (tmp_path / "data-crops/split.json").write_text("{}")
    assert done()[:3] == [True, True, False]
    (tmp_path / "runs/mine").mkdir(parents=True)
    assert not done()[2]  # it has begun, and has no weights yet
    assert lines(tmp_path)["train"][-1] == "mine-2"
    (tmp_path / "runs/mine/best.safetensors").write_bytes(b"")
    said = lines(tmp_path)
    assert done()[2]
    assert said["export"] == [str(tmp_path / "runs/mine"), str(tmp_path / "model-mine")]
    collect(tmp_path / "data", "ann", "B", 1)
    assert not done()[0]


def test_the_page_is_told_all_of_it(tmp_path: Path) -> None:
    collect(tmp_path / "data", "ann", "A", 1, 1)
    told = body(Store(tmp_path / "data"), tmp_path / "runs", trains=False)
    assert told["signers"] == {"ann": {"A": {"pictures": 2, "takes": 2}}}
    assert told["missing"] == []
    assert len(told["steps"]) == 6
