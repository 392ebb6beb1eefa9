"""`signcap extension`, and what the folder holds."""

import base64
import functools
import hashlib
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parent.parent.parent
EXTENSION = ROOT / "extension"


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(here: Run) -> Run:
    return functools.partial(here, "extension")


def test_it_says_where_it_lies_and_how_to_load_it(run: Run) -> None:
    done = run()
    assert done.returncode == 0
    assert str(EXTENSION) in done.stdout.splitlines()[3]
    for words in ("chrome://extensions", "edge://extensions", "Developer mode", "Load unpacked"):
        assert words in done.stdout


def test_the_zip_holds_all_that_a_browser_needs_and_replaces_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "signcap.zip"
    done = run("--zip", str(path))
    assert (done.returncode, done.stdout) == (0, f"{path}\n")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
    assert not [name for name in names if name.endswith(".d.ts")]
    assert {manifest["background"]["service_worker"], manifest["action"]["default_popup"]} <= names
    assert set(manifest["icons"].values()) <= names
    switches = (EXTENSION / "worker/switches.js").read_text()
    for folder, list_ in (("page", "PAGE_SCRIPTS"), ("bridge", "BRIDGE_SCRIPTS")):
        listed = re.search(rf"{list_} = (\[.*\])", switches)
        assert listed
        assert {f"{folder}/{name}.js" for name in json.loads(listed.group(1))} == {
            name for name in names if name.startswith(f"{folder}/")
        }
    before = path.read_bytes()
    again = run("--zip", str(path))
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    run("--zip", str(tmp_path / "second.zip"))
    assert (tmp_path / "second.zip").read_bytes() == before


def test_a_folder_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    done = run("--zip", str(tmp_path / "nowhere" / "signcap.zip"))
    assert done.returncode == 1
    assert "choose a folder that exists" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.unit
def test_the_manifest_asks_for_no_more_than_it_says() -> None:
    manifest = json.loads((EXTENSION / "manifest.json").read_text())
    digest = hashlib.sha256(base64.b64decode(manifest["key"])).hexdigest()[:32]
    assert "".join(chr(ord("a") + int(digit, 16)) for digit in digest) == "dnnbomcihcbilhdkfcmlcjfigcochhep"
    assert manifest["permissions"] == ["scripting", "storage"]
    assert manifest["host_permissions"] == ["http://127.0.0.1/*"]
    assert manifest["externally_connectable"] == {"ids": []}
    for absent in ("content_scripts", "web_accessible_resources", "sandbox", "oauth2", "update_url"):
        assert absent not in manifest
    sites = (EXTENSION / "shared/sites.js").read_text()
    for origin in manifest["optional_host_permissions"]:
        host = re.fullmatch(r"https://(?:\*)?([\w.-]+)/\*", origin)
        assert host
        assert f'"{host.group(1)}"' in sites
    policy = manifest["content_security_policy"]["extension_pages"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.unit
@pytest.mark.parametrize(
    "forbidden", [r"\beval\(", r"new Function", r"innerHTML", r"https?://(?!127\.0\.0\.1|\*)[a-z]"]
)
def test_nothing_is_fetched_from_elsewhere_and_no_text_becomes_code(forbidden: str) -> None:
    for path in EXTENSION.rglob("*"):
        if path.suffix in (".js", ".html", ".css") and path.name != "sites.js":
            assert not re.search(forbidden, path.read_text()), path
