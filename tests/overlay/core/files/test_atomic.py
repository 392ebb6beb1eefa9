"""Files that are whole or not there, and folders that nobody else may look into."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from overlay.core.files.atomic import make_private_folder, replacing, write_whole

pytestmark = pytest.mark.unit

posix = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
@pytest.mark.usefixtures("umask")
def test_each_folder_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "one" / "two" / "three")
    assert [mode(tmp_path / name) for name in ("one", "one/two", "one/two/three")] == [0o700] * 3


@posix
def test_folders_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    make_private_folder(tmp_path / "shared" / "own")
    make_private_folder(tmp_path / "shared")
    assert mode(tmp_path / "shared") == 0o755


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        make_private_folder(tmp_path / "file" / "folder")
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "file")


@posix
@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("wanted", [0o600, 0o644])
def test_a_file_has_its_rights_whatever_the_umask(tmp_path: Path, wanted: int) -> None:
    write_whole(tmp_path / "file", b"new", mode=wanted)
    assert mode(tmp_path / "file") == wanted


@posix
def test_what_must_last_is_on_the_disk_before_it_takes_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, a power cut may leave an empty file: the name can reach the disk before the bytes do."""
    happened: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        happened.append("folder" if is_folder else f"file of {os.fstat(handle).st_size}")
        fsync(handle)

    def note_replace(source: str, target: Path) -> None:
        happened.append("name")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    write_whole(tmp_path / "file", b"12345", durable=True)
    assert happened == ["file of 5", "name", "folder"]
    happened.clear()
    write_whole(tmp_path / "file", b"12345")
    assert happened == ["name"]


def test_where_it_fails_the_old_file_stays_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "file", b"old")

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "file", b"new", durable=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_the_old_file_is_there_until_the_new_one_is_complete(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"old")
    with replacing(tmp_path / "file") as part:
        part.write_bytes(b"new")
        assert part.parent == tmp_path
        assert part.name.startswith(".file.")
        assert (tmp_path / "file").read_bytes() == b"old"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"new")]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_who_stops_half_way_leaves_the_old_file_alone(tmp_path: Path, error: type[BaseException]) -> None:
    write_whole(tmp_path / "file", b"old")

    def stop_half_way() -> None:
        with replacing(tmp_path / "file") as part:
            part.write_bytes(b"ne")
            raise error

    with pytest.raises(error):
        stop_half_way()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


@posix
def test_without_a_mode_the_umask_decides(tmp_path: Path, umask: int) -> None:
    write_whole(tmp_path / "file", b"new", mode=None)
    assert mode(tmp_path / "file") == 0o666 & ~umask


def test_a_part_of_a_known_name_that_a_kill_has_left_is_written_anew(tmp_path: Path) -> None:
    part = tmp_path / ".part"
    part.write_bytes(b"left from before, and longer")
    write_whole(tmp_path / "file", b"new", part=part)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"new")]


@posix
def test_a_part_of_a_known_name_is_nobody_elses_file(tmp_path: Path) -> None:
    """A link of that name goes; what it points to stays."""
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / ".part").symlink_to(tmp_path / "other")
    with replacing(tmp_path / "file", part=tmp_path / ".part") as part:
        assert mode(part) == 0o600
        part.write_bytes(b"new")
    assert (tmp_path / "other").read_bytes() == b"other"
    assert (tmp_path / "file").read_bytes() == b"new"
    assert not (tmp_path / ".part").exists()
