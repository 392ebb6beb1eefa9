"""`signcap import aslfr`, on small files of the same columns as the public ones."""

import csv
import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from models.commands import options
from models.commands.importing import import_data
from models.training.data.imported import importing
from overlay.core.errors import SigncapError
from overlay.recognition.landmark_file import read_running

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

pytestmark = pytest.mark.integration

# Of each phrase: file, number, signer, text, frames with the right hand, frames with the left.
Row = tuple[str, int, str, str, Sequence[int], Sequence[int]]
ROWS: tuple[Row, ...] = (
    ("a", 11, "7", "hi you", range(1, 9), [3]),
    ("b", 21, "8", "no 12 main", range(12), []),
    ("a", 12, "8", "cab", [0], [0, 2, 3, 5]),
    ("a", 13, "7", "letters", range(3), []),  # fewer frames than letters
    ("b", 22, "9", "www.go.com", range(12), []),
    ("b", 23, "9", "ok", range(2, 6), []),
    ("c", 31, "9", "gone", range(9), []),  # of a file that is not here
)
LENGTH = 12  # frames of each phrase


def value(hand: str, axis: int, point: int, frame: int) -> float:
    return (hand == "left") * 0.5 + axis * 0.1 + point * 0.001 + frame * 0.0001


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder: rows of a file in no order, as nobody promises one; the face is there as well."""
    folder = tmp_path / "aslfr"
    (folder / "train_landmarks").mkdir(parents=True)
    with (folder / "train.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "file_id", "sequence_id", "participant_id", "phrase"])
        for name, number, signer, text, _, _ in ROWS:
            rows.writerow([f"train_landmarks/{name}.parquet", name, number, signer, text])
    for name in "ab":
        own = [row for row in ROWS if row[0] == name]
        lines = [(row, frame) for row in own for frame in range(LENGTH)]
        np.random.default_rng(5).shuffle(lines)
        columns: dict[str, Any] = {
            "frame": arrow.array([frame for _, frame in lines], arrow.int16()),
            "x_face_0": arrow.array([0.5] * len(lines), arrow.float32()),
        }
        for axis, letter in enumerate("xyz"):
            for place, hand in ((4, "right"), (5, "left")):
                for point in range(21):
                    seen = [value(hand, axis, point, frame) if frame in row[place] else None for row, frame in lines]
                    columns[f"{letter}_{hand}_hand_{point}"] = arrow.array(seen, arrow.float32())
        columns["sequence_id"] = arrow.array([row[1] for row, _ in lines], arrow.int64())
        parquet.write_table(arrow.table(columns), folder / "train_landmarks" / f"{name}.parquet")
    return folder


def run(*arguments: object) -> str:
    """What the command prints."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command("import")(import_data)
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        status = app(list(map(str, arguments)), standalone_mode=False)
    if status:
        raise SystemExit(status)
    return out.getvalue()


def test_phrases_of_letters_are_imported_with_the_hand_that_spells(data: Path, tmp_path: Path) -> None:
    said = run("aslfr", data, "--out", tmp_path / "out.npz")
    takes = read_running(tmp_path / "out-000.npz")
    assert [(take.text, take.signer, take.rate, take.aspect) for take in takes] == [
        ("HI YOU", "7", 30.0, 0.75),
        ("CAB", "8", 30.0, 0.75),
        ("OK", "9", 30.0, 0.75),
    ]
    right, left = takes[0].landmarks, takes[1].landmarks
    assert [k for k in range(LENGTH) if np.isfinite(right[k]).all()] == list(range(1, 9))
    assert [k for k in range(LENGTH) if np.isfinite(left[k]).all()] == [0, 2, 3, 5]
    for axis in range(3):
        for point in (0, 20):
            assert right[4, point, axis] == pytest.approx(value("right", axis, point, 4))
            told = value("left", axis, point, 3)
            assert left[3, point, axis] == pytest.approx(1 - told if axis == 0 else told)
    assert "3 phrases of 3 signers" in said
    assert "1 spelled with the left hand" in said
    assert "Skipped for their characters: 2 of 7 phrases" in said
    assert "in how many phrases: . 1  1 1  2 1\n" in said
    assert "Skipped: 1 phrases, fewer frames with a hand than letters" in said
    assert "Skipped: 1 phrases, its file is not here" in said
    assert "30 frames a second and 3:4 were assumed" in said


def test_what_is_no_letter_can_be_left_out_and_signers_chosen(data: Path, tmp_path: Path) -> None:
    arguments = ("--others", "leave-out", "--without-signers", "7", "--rate", "25", "--aspect", "9:16")
    said = run("aslfr", data, "--out", tmp_path / "out.npz", *arguments)
    takes = read_running(tmp_path / "out-000.npz")
    assert [take.text for take in takes] == ["NO MAIN", "WWWGOCOM", "OK", "CAB"]  # file by file
    assert {(take.rate, take.aspect) for take in takes} == {(25.0, 9 / 16)}
    assert "Characters that are left out" in said
    run("aslfr", data, "--out", tmp_path / "one.npz", "--signers", "8,9", "--limit", "1")
    assert [take.text for take in read_running(tmp_path / "one-000.npz")] == ["CAB"]


def test_an_import_that_was_stopped_goes_on_and_gives_the_same(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("aslfr", data, "--out", tmp_path / "whole.npz", "--phrases", "1")
    read = importing.read_spellings

    def stopped(path: Path, sequences: set[int]) -> Any:
        if path.name == "b.parquet":
            raise KeyboardInterrupt
        return read(path, sequences)

    with monkeypatch.context() as patch:
        patch.setattr(importing, "read_spellings", stopped)
        with pytest.raises(SystemExit, match="130"):
            run("aslfr", data, "--out", tmp_path / "cut.npz", "--phrases", "1")
    assert sorted(path.name for path in tmp_path.glob("cut*")) == ["cut-000.npz", "cut-001.npz", "cut.import.json"]
    said = run("aslfr", data, "--out", tmp_path / "cut.npz", "--phrases", "1")
    for number in range(3):
        name = f"-00{number}.npz"
        assert (tmp_path / f"cut{name}").read_bytes() == (tmp_path / f"whole{name}").read_bytes()
    assert (tmp_path / "cut.import.json").read_bytes() == (tmp_path / "whole.import.json").read_bytes()
    monkeypatch.setattr(importing, "read_spellings", stopped)  # there is nothing left to read
    assert run("aslfr", data, "--out", tmp_path / "cut.npz", "--phrases", "1") == said


def test_another_import_of_the_same_name_is_refused(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    run("aslfr", data, "--out", out)
    with pytest.raises(SigncapError, match="of an import with other options"):
        run("aslfr", data, "--out", out, "--rate", "25")
    (tmp_path / "out-000.npz").rename(tmp_path / "away.npz")
    with pytest.raises(SigncapError, match=r"out-000\.npz is gone"):
        run("aslfr", data, "--out", out)
    (tmp_path / "out.import.json").write_text("{")
    with pytest.raises(SigncapError, match="cannot be read"):
        run("aslfr", data, "--out", out)
    (tmp_path / "away.npz").rename(tmp_path / "out-000.npz")
    (tmp_path / "out.import.json").unlink()
    with pytest.raises(SigncapError, match="exists already"):
        run("aslfr", data, "--out", out)


def test_what_cannot_be_imported_is_told_in_a_sentence(data: Path, tmp_path: Path) -> None:
    out, landmarks = ("--out", tmp_path / "out.npz"), data / "train_landmarks"
    for arguments, said in (
        (("aslfr", tmp_path / "absent", *out), "name the folder that the data was unpacked into"),
        (("aslfr", data, *out, "--index", "supplemental_metadata.csv"), "There is no .*supplemental_metadata"),
        (("aslfr", data, *out, "--signers", "77"), "knows no signer 77"),
        (("aslfr", data, "--out", tmp_path / "out.npy"), r"should end in \.npz"),
        (("aslfr", data, "--out", tmp_path / "no" / "out.npz"), "make .* first"),
        (("aslfr", data, *out, "--aspect", "tall"), "--aspect tall is no shape of a picture"),
    ):
        with pytest.raises(SigncapError, match=said):
            run(*arguments)
    parquet.write_table(arrow.table({"frame": [1], "sequence_id": [11]}), landmarks / "a.parquet")
    with pytest.raises(SigncapError, match=r"a\.parquet has no column x_right_hand_0"):
        run("aslfr", data, *out)
    (landmarks / "a.parquet").write_bytes(b"no such file")
    with pytest.raises(SigncapError, match=r"a\.parquet cannot be read as a Parquet file"):
        run("aslfr", data, *out)
    for path in landmarks.iterdir():
        path.unlink()
    with pytest.raises(SigncapError, match=r"could be imported .its file is not here: 5"):
        run("aslfr", data, *out)
    (data / "train.csv").write_text("path,sequence_id\na,1\n")
    with pytest.raises(SigncapError, match="should have the columns"):
        run("aslfr", data, *out)
    assert not list(tmp_path.glob("out*"))


def test_without_pyarrow_one_sentence_says_so(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "find_spec", lambda _name: None)
    with pytest.raises(SigncapError, match="Importing needs more than running does"):
        run("aslfr", data, "--out", tmp_path / "out.npz")


def test_frames_that_a_file_skips_have_no_hand_and_no_phrase_is_endless(data: Path, tmp_path: Path) -> None:
    path = data / "train_landmarks" / "a.parquet"
    table = parquet.read_table(path)
    numbers, frames = table["sequence_id"].to_numpy(), table["frame"].to_numpy().astype(np.int64)
    keep = ~((numbers == 11) & (frames == 5))
    frames = np.where((numbers == 12) & (frames == 5), 10**6, frames)
    table = table.set_column(table.column_names.index("frame"), "frame", arrow.array(frames)).filter(
        arrow.array(keep)
    )
    parquet.write_table(table, path)
    run("aslfr", data, "--out", tmp_path / "out.npz")
    takes = read_running(tmp_path / "out-000.npz")
    assert [take.text for take in takes] == ["HI YOU", "OK"]
    assert [k for k in range(LENGTH) if np.isfinite(takes[0].landmarks[k]).all()] == [1, 2, 3, 4, 6, 7, 8]


def test_help_says_what_it_does() -> None:
    said = run("--help")
    assert "Turn public data of running spelling" in said
    assert "--others" in said
