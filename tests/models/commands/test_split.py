"""`signcap split` as people run it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

Signcap = Callable[..., "subprocess.CompletedProcess[str]"]


def touch(folder: Path, signers: str, letters: str = "AB", takes: int = 1, frames: int = 10) -> Path:
    for signer in signers.split():
        for letter in letters:
            for take in range(takes):
                place = folder / signer / letter / f"t{take}"
                place.mkdir(parents=True)
                for frame in range(frames):
                    (place / f"{frame}.jpg").touch()
    return folder


def manifest(folder: Path) -> dict:
    return json.loads((folder / "split.json").read_text())


def test_it_writes_a_manifest_and_prints_a_table(tmp_path: Path, here: Signcap) -> None:
    touch(tmp_path, "ann bob cat")
    (tmp_path / "cat" / "Q").mkdir()
    (tmp_path / "cat" / "Q" / "0.jpg").touch()
    done = here("split", tmp_path, "--test-signers", "ann", "--validation-signers", "bob", "--seed", "3")
    assert done.returncode == 0, done.stderr
    found = manifest(tmp_path)
    assert (found["by"], found["seed"], found["shares"]) == ("signer", 3, [0.7, 0.15, 0.15])
    assert {path.split("/")[0] for path in found["test"]} == {"ann"}
    assert {path.split("/")[0] for path in found["validation"]} == {"bob"}
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:4]}
    assert rows["train"] == ["21", "34.4", "%", "3", "none", "cat"]
    assert rows["validation"] == ["20", "32.8", "%", "2", "Q", "bob"]
    assert rows["test"] == ["20", "32.8", "%", "2", "Q", "ann"]


def test_by_frame_says_what_is_wrong_with_it(tmp_path: Path, here: Signcap) -> None:
    touch(tmp_path, "ann bob cat")
    done = here("split", tmp_path, "--by", "frame", "--shares", "80/10/10")
    assert done.returncode == 0, done.stderr
    assert "neighbouring frames of one burst of one person lie in both training and test" in done.stdout
    found = manifest(tmp_path)
    assert "neighbouring frames" in found["notes"][0]
    assert (len(found["train"]), len(found["validation"]), len(found["test"])) == (48, 6, 6)


def test_one_signer_with_one_take_a_letter_is_refused_and_an_old_split_stays(tmp_path: Path, here: Signcap) -> None:
    touch(tmp_path, "ann")
    assert here("split", tmp_path, "--by", "frame").returncode == 0
    before = (tmp_path / "split.json").read_bytes()
    for arguments in ((), ("--by", "signer")):
        done = here("split", tmp_path, *arguments)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "collect further" in done.stderr
        assert (tmp_path / "split.json").read_bytes() == before


def test_one_signer_is_split_by_take(tmp_path: Path, here: Signcap) -> None:
    done = here("split", touch(tmp_path, "ann", takes=4))
    assert done.returncode == 0, done.stderr
    assert manifest(tmp_path)["by"] == "take"
    assert "new recordings of this person" in done.stdout


def test_of_a_folder_of_crops_only_those_found_count(tmp_path: Path, here: Signcap) -> None:
    touch(tmp_path, "ann bob cat", "A")
    line = {"stamp": [1, 1], "size": 224, "hand": None, "score": 0, "box": None, "landmarks": None}
    with (tmp_path / "crops.jsonl").open("w") as file:
        for path in sorted(tmp_path.rglob("*.jpg")):
            name = path.relative_to(tmp_path).as_posix()
            why = "no hand" if path.name == "0.jpg" else None
            file.write(json.dumps(line | {"path": name, "source": name, "found": why is None, "why": why}) + "\n")
    assert here("split", tmp_path).returncode == 0
    found = manifest(tmp_path)
    paths = found["train"] + found["validation"] + found["test"]
    assert len(paths) == 27
    assert not [path for path in paths if path.endswith("/0.jpg")]


@pytest.mark.parametrize("shares", ["70/15", "70/15/20", "0/50/50", "a/b/c", "110/-5/-5"])
def test_shares_that_make_no_sense_are_refused(tmp_path: Path, here: Signcap, shares: str) -> None:
    done = here("split", touch(tmp_path, "ann bob cat"), "--shares", shares)
    assert done.returncode == 1
    assert "three numbers that add up to 100" in done.stderr
    assert not (tmp_path / "split.json").exists()
