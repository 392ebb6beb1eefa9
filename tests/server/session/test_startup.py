"""What a run opens: which way round its pictures are."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from overlay.core.settings import CameraUse, Settings, load_settings, save_settings, settings_path
from overlay.media.frame import Pixels
from server.cli import camera
from server.session.options import RunOptions
from server.session.startup import Opened, open_pipeline

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert tmp_path in settings_path().parents


@contextlib.contextmanager
def opened(options: RunOptions) -> Iterator[Opened]:
    parts = open_pipeline(options, lambda _sentence: None)
    try:
        yield parts
    finally:
        parts.pipeline.stop()


def picture(parts: Opened) -> Pixels:
    frame = parts.pipeline.source.read()
    assert frame is not None
    return frame.pixels


def test_a_mirrored_source_is_turned_round_for_one_run_and_from_the_page() -> None:
    with opened(RunOptions(source="demo")) as parts:
        usual = picture(parts)
        assert (usual != usual[:, ::-1]).any()
        parts.store.change({"camera": {"flip": True}})
        assert (picture(parts) == usual[:, ::-1]).all()
        parts.store.change({"camera": {"flip": False}})
        assert (picture(parts) == usual).all()
    with opened(RunOptions(source="demo", flip=True)) as parts:
        assert (picture(parts) == usual[:, ::-1]).all()
        assert not load_settings(parts.store.path).camera.flip
    save_settings(Settings(camera=CameraUse(flip=True)))
    with opened(RunOptions(source="demo")) as parts:
        assert (picture(parts) == usual[:, ::-1]).all()
    with opened(RunOptions(source="demo", flip=False)) as parts:
        assert (picture(parts) == usual).all()


def test_who_enrols_and_collects_is_seen_the_same_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "_make_finder", lambda _model: contextlib.nullcontext())
    monkeypatch.setattr(contextlib.nullcontext, "close", lambda _self: None, raising=False)
    seen = []
    for flip in (False, True):
        with camera.at_camera("demo", None, None, flip=flip) as (source, _, _):
            frame = source.read()
            assert frame is not None
            seen.append(frame.pixels)
    assert (seen[1] == seen[0][:, ::-1]).all()
    assert [camera.is_flipped(asked) for asked in (None, True, False)] == [False, True, False]
    save_settings(Settings(camera=CameraUse(flip=True)))
    assert [camera.is_flipped(asked) for asked in (None, True, False)] == [True, True, False]
