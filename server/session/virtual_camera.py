"""Puts a virtual camera behind the pipeline as soon as the size of its pictures is known."""

import threading

from overlay.core.errors import SinkError
from overlay.media.frame import Picture
from overlay.media.sinks.pipewire_camera import IN_BROWSERS, LABEL, PIPEWIRE
from overlay.media.sinks.virtual_camera import VirtualCamera, open_virtual_camera
from overlay.media.v4l2 import video_devices
from overlay.pipeline.pipeline import Pipeline
from server.session.notices import VirtualCameraStatus

CHOSEN_OFF = VirtualCameraStatus(
    False, "The virtual camera is off for this run. Restart without `--virtual-camera off`."
)


class _SizeProbe:
    """A sink that only waits for the first picture."""

    name = "size probe"

    def __init__(self) -> None:
        self.came = threading.Event()
        self.size = (0, 0)

    def send(self, picture: Picture) -> None:
        self.size = picture.size
        self.came.set()

    def close(self) -> None:
        self.came.set()


def add_virtual_camera(pipeline: Pipeline, choice: str) -> VirtualCameraStatus | None:
    """Open a virtual camera of the size of the pictures and add it to the pipeline. Waits for the first picture.

    Args:
        pipeline: started.
        choice: "auto", "off" or a name.

    Returns:
        What became of it, or None when the pipeline ended first.
    """
    if choice == "off":
        return CHOSEN_OFF
    probe = _SizeProbe()
    pipeline.add_sink(probe)
    while not probe.came.wait(0.2) and not pipeline.finished.is_set():
        pass
    pipeline.remove_sink(probe)
    if pipeline.finished.is_set() or probe.size == (0, 0):
        return None
    try:
        camera = open_virtual_camera(choice, probe.size)
    except SinkError as error:
        return VirtualCameraStatus(False, str(error))
    if camera is None:
        return CHOSEN_OFF
    pipeline.add_sink(camera)
    if choice == PIPEWIRE:
        return VirtualCameraStatus(True, f"{LABEL}: {IN_BROWSERS}")
    return VirtualCameraStatus(True, f"{_label(camera)}: choose it as the camera in Zoom, Meet or Teams.")


def _label(camera: VirtualCamera) -> str:
    """What the camera is called in the lists of other programs."""
    device = camera.name.removeprefix("virtual camera ")
    return next((known.name for known in video_devices() if str(known.path) == device), device)
