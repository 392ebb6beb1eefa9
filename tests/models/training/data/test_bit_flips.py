"""One bit that a disk has turned over in what cropping, splitting and collecting left is told, or does no harm."""

import contextlib
import json
from pathlib import Path

import pytest

from models.training.data.crops.journal import JOURNAL, read_crops
from models.training.data.split.manifest import MANIFEST, read_manifest
from models.training.data.split.splits import load_splits
from models.training.data.split.splitting import make_split, write_manifest
from models.training.data.tree import read_tree
from overlay.core.errors import SigncapError
from server.collection.store import Store
from tests.bit_flips import FLIPS, flipped

pytestmark = pytest.mark.unit


@pytest.fixture
def crops(crops_of_four: Path, tmp_path: Path) -> Path:
    """A small folder of crops with the beginning of a real journal."""
    lines = (crops_of_four / JOURNAL).read_bytes().splitlines(keepends=True)
    folder = tmp_path / "crops"
    for line in lines[:2]:
        path = folder / json.loads(line)["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a picture")
    (folder / JOURNAL).write_bytes(b"".join(lines[:2]))
    return folder


@pytest.mark.integration
def test_a_journal_of_crops_is_read_or_told_to_be_damaged(crops: Path) -> None:
    path = crops / JOURNAL
    for data in flipped(path.read_bytes()):
        path.write_bytes(data)
        with contextlib.suppress(SigncapError):
            read_crops(crops)


@pytest.mark.integration
def test_a_split_is_read_or_told_to_be_damaged(crops: Path) -> None:
    write_manifest(crops, make_split(read_tree(crops), "frame"))
    path = crops / MANIFEST
    refused = 0
    for data in flipped(path.read_bytes()):
        path.write_bytes(data)
        try:
            load_splits(crops, read_manifest(crops), need_training=False)
        except SigncapError:
            refused += 1
    assert refused > FLIPS / 50


@pytest.mark.integration
def test_a_takes_record_is_read_or_counts_as_none(tmp_path: Path) -> None:
    take = tmp_path / "ann" / "J" / "001"
    take.mkdir(parents=True)
    for number in range(1, 4):
        (take / f"{number:04}.jpg").write_bytes(b"a picture")
    frames = [{"file": f"{number:04}.jpg", "at": number / 30, "hand": True} for number in range(1, 4)]
    record = {"format": 1, "take": "001", "signer": "ann", "letter": "J", "rate": 30.0, "burst": 3}
    path = take / "take.json"
    path.write_text(json.dumps(record | {"flipped": False, "frames": frames}))
    write_manifest(tmp_path, make_split(read_tree(tmp_path), "frame"))
    manifest = read_manifest(tmp_path)
    store = Store(tmp_path)
    for data in flipped(path.read_bytes(), FLIPS):
        path.write_bytes(data)
        for sample in load_splits(tmp_path, manifest, need_training=False)["train"].samples:
            assert sample.rate is None or 0 < sample.rate < 10_000
        store._record(take)
