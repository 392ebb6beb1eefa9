"""Which of PipeWire's objects are cameras to read."""

import sys
from pathlib import Path

import pytest

from overlay.core.errors import SourceError
from overlay.media import pipewire_cameras
from overlay.media.pipewire_cameras import PipeWireNode, _nodes, list_nodes, list_pipewire_cameras
from overlay.media.sources import pipewire_capture, webcam
from overlay.media.sources.webcam import CameraInfo, default_camera, list_cameras, open_source

pytestmark = pytest.mark.unit

NODE, DEVICE = "PipeWire:Interface:Node", "PipeWire:Interface:Device"


def camera(**facts: str) -> dict[str, str]:
    return {"media.class": "Video/Source", "media.role": "Camera"} | {
        key.replace("_", "."): value for key, value in facts.items()
    }


FOUND = {
    30: (DEVICE, {"device.api": "libcamera"}),
    31: (DEVICE, {"device.api": "v4l2"}),
    40: (NODE, camera(node_name="imx", node_description="Front Camera", device_id="30", object_serial="71")),
    41: (NODE, camera(node_name="usb", node_description="USB Camera", device_id="31")),
    42: (NODE, camera(node_name="v4l2_input.pci-1", node_nick="Without device")),
    43: (NODE, camera(node_name="signcap", node_description="Signcap")),
    44: (NODE, camera(node_name="obs")),
    45: (NODE, {"media.class": "Video/Source", "node.name": "screen"}),
    46: (NODE, {"media.class": "Audio/Source", "node.name": "microphone", "media.role": "Camera"}),
    47: ("PipeWire:Interface:Port", camera(node_name="port")),
}
FRONT = PipeWireNode(40, "imx", "Front Camera", "71", "Camera", "libcamera")
OBS = PipeWireNode(44, "obs", "obs", "", "Camera", "")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PipeWire with the objects above, on a Linux without V4L2 cameras."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(pipewire_cameras, "list_nodes", lambda: _nodes(FOUND))
    monkeypatch.setattr(pipewire_capture, "list_nodes", lambda: _nodes(FOUND))
    monkeypatch.setattr(webcam, "_v4l2_cameras", lambda: iter(()))


def test_sources_of_pictures_but_for_signcap_itself() -> None:
    assert [node.name for node in _nodes(FOUND)] == ["imx", "usb", "v4l2_input.pci-1", "obs", "screen"]


@pytest.mark.usefixtures("there")
def test_cameras_that_only_pipewire_has() -> None:
    assert list_pipewire_cameras() == [FRONT, OBS]
    assert list_cameras() == [CameraInfo("pipewire:imx", "Front Camera"), CameraInfo("pipewire:obs", "obs")]
    assert default_camera() == CameraInfo("pipewire:imx", "Front Camera")


@pytest.mark.usefixtures("there")
def test_infrared_ones_come_after_those_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [PipeWireNode(1, "ov7251", "Built-in IR Camera", "", "Camera", "libcamera"), FRONT]
    monkeypatch.setattr(webcam, "list_pipewire_cameras", lambda: nodes)
    assert [one.name for one in list_cameras()] == ["Front Camera", "Built-in IR Camera, infrared"]


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    ("name", "node"), [("imx", "imx"), ("Front Camera", "imx"), ("screen", "screen"), ("", "imx"), ("signcap", None)]
)
def test_found_by_its_name_or_as_people_see_it(name: str, node: str | None) -> None:
    found = pipewire_cameras.find_node(name)
    assert (found and found.name) == node


@pytest.mark.usefixtures("there")
def test_others_are_offered_where_there_is_no_such_camera() -> None:
    with pytest.raises(SourceError, match=r'no camera attic: choose another .* of "pipewire:imx" \(Front Camera\)'):
        open_source("pipewire:attic")


def test_none_without_pipewire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIPEWIRE_RUNTIME_DIR", "PIPEWIRE_REMOTE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert list_nodes() == []
    with pytest.raises(SourceError, match=r"PipeWire offers no camera: plug one in, or run `systemctl --user"):
        open_source("pipewire:imx")


def test_none_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert list_nodes() == []
