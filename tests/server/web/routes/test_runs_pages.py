"""What the page of runs asks for, over real HTTP."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from overlay.core.files.atomic_text import write_json
from overlay.media import images as picture_file
from overlay.synthesis.signer import SyntheticSigner
from server.session.folders import Folders
from server.web import training_side

pytestmark = pytest.mark.integration

ROUTES = [
    "/train/runs",
    "/api/v1/runs",
    "/api/v1/runs/one",
    "/api/v1/runs/one/predictions/1",
    "/api/v1/runs/one/pictures/0.jpg",
    "/api/v1/data/samples.jpg",
]


def read(server: Any, path: str, status: int = 200) -> Any:
    answer = server.get(path, Cookie=server.owner_cookie())
    assert answer.status == status, answer.body
    return json.loads(answer.body)


def test_runs_are_for_the_owner_alone(running: Any, make_run: Any) -> None:
    make_run("one")
    viewer, owner = running.viewer_cookie(), running.owner_cookie()
    for path in ROUTES:
        assert running.get(path).status == 401, path
        assert running.get(path, Cookie=viewer).status == 403, path
        answer = running.get(path, Cookie=owner)
        assert answer.status == (404 if "samples" in path else 200), path
        assert answer.headers["Cache-Control"] == "no-store", path


def test_runs_are_listed_and_told_in_full(running: Any, make_run: Any, folders: Folders) -> None:
    make_run("one", epochs=3)
    make_run("two", epochs=1, kind="test", status=None)
    body = read(running, "/api/v1/runs")
    assert body["folder"] == str(folders.runs)
    assert {run["name"]: (run["kind"], run["epochs"], run["status"]) for run in body["runs"]} == {
        "one": ("train", 3, "finished"),
        "two": ("test", 1, "running"),
    }
    last = {run["name"]: run["last"] for run in body["runs"]}
    assert last["one"]["validation"]["accuracy"] == pytest.approx(1 - 0.7 / 3)
    run = read(running, "/api/v1/runs/one")
    assert [epoch["epoch"] for epoch in run["epochs"]] == [1, 2, 3]
    assert run["pictures"]["paths"][0] == "ann/A/0.jpg"
    assert "pictures" not in read(running, "/api/v1/runs/one?pictures=no")
    predictions = read(running, "/api/v1/runs/one/predictions/2")
    assert predictions["predicted"][:3] == [26, 0, 1]
    assert np.array(predictions["confusion"]).sum() == 12


def test_without_a_folder_there_are_no_runs(running: Any, folders: Folders) -> None:
    body = read(running, "/api/v1/runs")
    assert (body["runs"], body["has_data"]) == ([], False)
    assert body["folder"] == str(folders.runs)


def test_a_loss_that_is_no_number_keeps_the_page_readable(running: Any, make_run: Any) -> None:
    run = make_run("one", epochs=1, status=None)
    run.epoch(2, {"train": {"loss": float("nan")}, "validation": {"loss": float("inf")}})
    answer = running.get("/api/v1/runs/one", Cookie=running.owner_cookie())
    body = json.loads(answer.body, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert body["epochs"][1]["train"]["loss"] is None


def test_names_of_runs_are_not_paths(running: Any, make_run: Any, folders: Folders) -> None:
    run = make_run("one")
    secret = folders.runs.parent.parent / "secret"
    write_json(secret / "run.json", json.loads((run.folder / "run.json").read_text()))
    cookie = running.owner_cookie()
    names = ["..", "..%2F..%2Fsecret", "%2e%2e", "no%00thing", "absent", ".%2Fone"]
    for name, rest in product(names, ["", "/predictions/1", "/pictures/0.jpg"]):
        answer = running.get(f"/api/v1/runs/{name}{rest}", Cookie=cookie)
        assert answer.status == 404, name + rest
        assert b"hyperparameters" not in answer.body, name + rest


def test_pictures_leave_small_and_encoded_anew(running: Any, make_run: Any, letter_pictures: Path) -> None:
    make_run("one")
    cookie = running.owner_cookie()
    original = letter_pictures / "ann/A/0.jpg"
    for side, expected in (
        ("", (224, 168)),
        ("?side=96", (96, 72)),
        ("?side=9999", (224, 168)),
        ("?side=x", (224, 168)),
    ):
        answer = running.get(f"/api/v1/runs/one/pictures/0.jpg{side}", Cookie=cookie)
        assert answer.headers["Content-Type"] == "image/jpeg"
        pixels = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
        assert (pixels.shape[1], pixels.shape[0]) == expected
        assert answer.body != original.read_bytes()
    assert running.get("/api/v1/runs/one/pictures/12.jpg", Cookie=cookie).status == 404
    assert running.get("/api/v1/runs/one/pictures/-1.jpg", Cookie=cookie).status == 404


def listing(run: Any, root: Path, path: str) -> None:
    write_json(run.folder / "pictures.json", {"root": str(root), "paths": [path], "labels": [0]})


def test_pictures_outside_the_data_folder_do_not_leave(
    running: Any, make_run: Any, letter_pictures: Path, tmp_path: Path
) -> None:
    run = make_run("one")
    outside = tmp_path / "outside.jpg"
    outside.write_bytes((letter_pictures / "ann/A/0.jpg").read_bytes())
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.jpg").symlink_to(outside)
    for path in ("../outside.jpg", str(outside), "link.jpg"):
        listing(run, inner, path)
        answer = running.get("/api/v1/runs/one/pictures/0.jpg", Cookie=running.owner_cookie())
        assert answer.status == 404, path
        assert answer.headers["Content-Type"].startswith("application/json")


def test_what_is_no_picture_does_not_leave(running: Any, make_run: Any, tmp_path: Path) -> None:
    run = make_run("one")
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "half.jpg").write_bytes(b"\xff\xd8\xff\xe0 the secret")
    for path in ("secret.txt", "half.jpg"):
        listing(run, tmp_path, path)
        answer = running.get("/api/v1/runs/one/pictures/0.jpg", Cookie=running.owner_cookie())
        assert answer.status == 404
        assert b"the secret" not in answer.body


def test_a_picture_of_too_many_pixels_is_not_decoded(
    running: Any, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run("one")
    assert running.get("/api/v1/runs/one/pictures/0.jpg", Cookie=running.owner_cookie()).status == 200
    monkeypatch.setattr(picture_file, "MOST_PIXELS", 320 * 240 - 1)
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    answer = running.get("/api/v1/runs/one/pictures/0.jpg", Cookie=running.owner_cookie())
    assert answer.status == 404
    assert b"320 \\u00d7 240 pixels" in answer.body


def test_a_picture_file_of_too_many_bytes_is_not_read(
    running: Any, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run("one")
    monkeypatch.setattr(picture_file, "MOST_BYTES", 1000)
    assert running.get("/api/v1/runs/one/pictures/0.jpg", Cookie=running.owner_cookie()).status == 404


def test_samples_are_a_picture_of_pictures(running: Any, folders: Folders) -> None:
    for letter in "AB":
        signer = SyntheticSigner(letter, size=(160, 120))
        (folders.data / "ann" / letter).mkdir(parents=True)
        cv2.imwrite(str(folders.data / "ann" / letter / "0.jpg"), signer.render(signer.letters[0][1]))
    assert read(running, "/api/v1/runs")["has_data"] is True
    answer = running.get("/api/v1/data/samples.jpg", Cookie=running.owner_cookie())
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert picture_file.picture_size(answer.body) is not None


def test_an_installation_without_the_training_side_says_so(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_side, "PACKAGE", "no_such_package")
    assert "not installed" in read(running, "/api/v1/runs", 503)["error"]


@pytest.mark.unit
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp"])
def test_the_size_of_a_picture_is_known_from_its_head(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (37, 61, 3), np.uint8))
    data = path.read_bytes()
    assert picture_file.picture_size(data) == (61, 37)
    assert picture_file.picture_size(data[:300]) in ((61, 37), None)
    for length in range(40):
        assert picture_file.picture_size(data[:length]) in ((61, 37), None)


@pytest.mark.unit
@pytest.mark.parametrize("options", [[cv2.IMWRITE_WEBP_QUALITY, 101], [cv2.IMWRITE_WEBP_QUALITY, 50]])
def test_both_kinds_of_webp_tell_their_size(options: list[int]) -> None:
    _, data = cv2.imencode(".webp", np.zeros((37, 61, 3), np.uint8), options)
    assert picture_file.picture_size(bytes(data)) == (61, 37)
