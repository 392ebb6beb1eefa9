"""A picture of pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.data.crops.cropping import crop_tree
from models.training.data.samples import encode_grid, sample_grid, write_grid
from models.training.runs.api import Workshop
from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels

pytestmark = pytest.mark.unit

CELL = 48


def paint(folder: Path, signers: dict[str, int], letters: str = "ABC", pictures: int = 4) -> Path:
    """Pictures of one brightness for each signer."""
    for name, grey in signers.items():
        for letter in letters:
            (folder / name / letter).mkdir(parents=True, exist_ok=True)
            for index in range(pictures):
                cv2.imwrite(str(folder / name / letter / f"{index}.png"), np.full((64, 64, 3), grey, np.uint8))
    return folder


def cells(grid: Pixels, columns: int, rows: int) -> list[list[int]]:
    """Brightness in the middle of each cell; the grid is at the lower right of the picture."""
    step = CELL + 4
    bottom, right = grid.shape[0] - step * rows, grid.shape[1] - 4 - step * columns
    return [
        [
            int(grid[bottom + row * step + CELL // 2, right + column * step + CELL // 2].mean())
            for column in range(columns)
        ]
        for row in range(rows)
    ]


def test_a_row_for_each_letter_and_the_signers_take_turns(tmp_path: Path) -> None:
    folder = paint(tmp_path, {"ann": 20, "bob": 120, "cat": 200})
    grid = sample_grid(folder, columns=6, cell=CELL)
    assert grid.dtype == np.uint8
    for row in cells(grid, 6, 3):
        assert sorted(row[:3]) == sorted(row[3:]) == [20, 120, 200]


def test_a_letter_with_few_pictures_leaves_room(tmp_path: Path) -> None:
    folder = paint(tmp_path, {"ann": 20}, "A", pictures=2)
    (row,) = cells(sample_grid(folder, columns=4, cell=CELL), 4, 1)
    assert row[:2] == [20, 20]
    assert min(row[2:]) > 230


def test_only_one_signer(tmp_path: Path) -> None:
    folder = paint(tmp_path, {"ann": 20, "bob": 120})
    assert {
        value for row in cells(sample_grid(folder, columns=3, signer="bob", cell=CELL), 3, 3) for value in row
    } == {120}
    with pytest.raises(SigncapError, match=r"There is no signer zoe in .*: the signers are ann, bob"):
        sample_grid(folder, signer="zoe")


def test_borders_tell_signers_apart_and_the_legend_names_them_all(tmp_path: Path) -> None:
    few = sample_grid(paint(tmp_path / "few", {"ann": 20}), columns=2, cell=CELL)
    names = {f"a signer called {number}": 20 for number in range(12)}
    many = sample_grid(paint(tmp_path / "many", names, pictures=1), columns=2, cell=CELL)
    assert many.shape[1] == few.shape[1]
    assert many.shape[0] > few.shape[0] + 100  # a line for each name
    step, left = CELL + 4, many.shape[1] - 4 - 2 * (CELL + 4)
    top = many.shape[0] - 3 * step
    borders = {
        tuple(many[top + row * step + 1, left + column * step + 20]) for row in range(3) for column in range(2)
    }
    assert len(borders) >= 4


def test_another_seed_chooses_others_and_the_same_seed_the_same(tmp_path: Path) -> None:
    for index in range(12):
        path = tmp_path / "A" / f"{index}.png"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), np.full((32, 32, 3), 20 * index, np.uint8))
    np.testing.assert_array_equal(sample_grid(tmp_path, seed=1), sample_grid(tmp_path, seed=1))
    assert (sample_grid(tmp_path, seed=1) != sample_grid(tmp_path, seed=2)).any()


def test_unreadable_pictures_are_passed_over(tmp_path: Path) -> None:
    folder = paint(tmp_path, {"ann": 20}, "A", pictures=2)
    for index in range(20):
        (folder / "ann" / "A" / f"broken{index}.jpg").write_bytes(b"no picture")
    (row,) = cells(sample_grid(folder, columns=2, cell=CELL), 2, 1)
    assert row == [20, 20]


@pytest.mark.integration
def test_it_draws_crops_too(collection: Path, tmp_path: Path, hand_model: Path) -> None:
    crop_tree(collection, tmp_path / "crops", hand_model=hand_model)
    grid = sample_grid(tmp_path / "crops", columns=4, cell=CELL)
    assert min(min(row) for row in cells(grid, 4, 3)) < 230


def test_the_workshop_gives_a_jpeg(tmp_path: Path) -> None:
    folder = paint(tmp_path, {"ann": 20})
    data = Workshop().samples(folder, 3)
    assert data[:3] == b"\xff\xd8\xff"
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert read is not None
    assert read.shape == sample_grid(folder, columns=3).shape
    with pytest.raises(SigncapError, match="There is no folder"):
        Workshop().samples(tmp_path / "absent")


@pytest.mark.parametrize("columns", [0, 61])
def test_a_senseless_number_of_columns_is_refused(tmp_path: Path, columns: int) -> None:
    with pytest.raises(SigncapError, match="columns will not do"):
        sample_grid(paint(tmp_path, {"ann": 20}), columns=columns)


def test_only_names_of_pictures_are_written(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    write_grid(tmp_path / "grid.PNG", pixels)
    assert (tmp_path / "grid.PNG").read_bytes() == encode_grid(pixels, ".png")
    for name in ("grid.txt", "grid"):
        with pytest.raises(SigncapError, match=r"let it end in \.png or \.jpg"):
            write_grid(tmp_path / name, pixels)
    with pytest.raises(SigncapError, match="choose another --output"):
        write_grid(tmp_path / "absent" / "grid.png", pixels)
