"""Secrets of links for second screens, from run to run."""

import json
import os
from pathlib import Path

import pytest

from server.web.auth.access import Access, Launch
from server.web.auth.viewer_links import ViewerSecrets, kept_viewer_secrets, viewer_secrets_path

pytestmark = pytest.mark.unit


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "viewers.json"


def test_the_next_run_has_the_same(path: Path) -> None:
    first, sentence = kept_viewer_secrets(path)
    assert sentence is None
    assert kept_viewer_secrets(path) == (first, None)
    assert len({first.token, first.cookie}) == 2


def test_nobody_else_can_read_them(path: Path) -> None:
    kept_viewer_secrets(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == [path.name]


def test_they_can_be_made_anew(path: Path) -> None:
    first, _ = kept_viewer_secrets(path)
    second, _ = kept_viewer_secrets(path, renew=True)
    assert not {first.token, first.cookie} & {second.token, second.cookie}
    assert kept_viewer_secrets(path) == (second, None)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_file_that_others_may_read_or_write_is_not_trusted(path: Path, mode: int) -> None:
    first, _ = kept_viewer_secrets(path)
    path.chmod(mode)
    second, _ = kept_viewer_secrets(path)
    assert second != first
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 4000,
        json.dumps({"token": "", "cookie": ""}),
        json.dumps({"token": "A" * 43}),
        json.dumps({"token": 5, "cookie": 5}),
        json.dumps({"token": "A" * 43, "cookie": "A" * 42 + "\n"}),
        json.dumps({"token": "A" * 43, "cookie": "A" * 42 + "é"}),
    ],
)
def test_a_damaged_file_is_replaced(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    made, sentence = kept_viewer_secrets(path)
    assert sentence is None
    assert kept_viewer_secrets(path) == (made, None)


def test_where_they_cannot_be_kept_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    made, sentence = kept_viewer_secrets(tmp_path / "file" / "viewers.json")
    assert len(made.token) == 43
    assert sentence is not None
    assert "end with this run" in sentence
    assert made.token not in sentence


def test_tests_leave_the_users_own_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert viewer_secrets_path().is_relative_to(tmp_path_factory.getbasetemp())


def test_the_owners_secrets_are_of_one_run_all_the_same() -> None:
    viewer = ViewerSecrets.new()
    one, other = Access(1, viewer), Access(1, viewer)
    assert other.is_viewer_token(one.viewer_token)
    assert other.redeem(one.launch_url().partition("launch=")[2]) is Launch.WRONG
    assert not Access(1).is_viewer_token(one.viewer_token)
