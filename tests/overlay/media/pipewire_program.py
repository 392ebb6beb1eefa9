"""A program of its own that offers a camera through PipeWire: `pipewire_program.py FILE FOURCC WIDTH HEIGHT STRIDE`.

It gives the picture in the file again and again, until it is ended.
"""

import sys
import time
from pathlib import Path

import numpy as np

from overlay.media import pipewire_format as pods
from overlay.media.sinks import pipewire_camera
from overlay.media.v4l2_modes import Mode

NAME, LABEL = "drawn-camera", "Drawn"


def main(file: str, fourcc: str, width: str, height: str, stride: str) -> None:
    """Offer the picture."""
    content = np.frombuffer(Path(file).read_bytes(), np.uint8)
    mode = Mode(fourcc, int(width), int(height), 30.0)
    memory = pods._object(
        pods._PARAM_BUFFERS,
        pods._BUFFERS,
        {
            1: pods._choice(pods._RANGE, 8, 2, 16),
            2: pods._int(1),
            3: pods._int(content.nbytes),
            4: pods._int(int(stride)),
            6: pods._choice(pods._FLAGS, pods._SHARED_MEMORY),
        },
    )
    pipewire_camera._PROPERTIES = (
        f"media.class=Video/Source media.role=Camera node.name={NAME} node.description={LABEL}"
    )
    pipewire_camera.picture_format = lambda size, fps: pods.wished_formats(mode, size, fps)[0]
    pipewire_camera.buffers = lambda size: memory
    camera = pipewire_camera.PipeWireCamera((mode.width, mode.height), mode.rate)
    camera._size, camera.width = content.nbytes, int(stride)
    while True:
        camera.send(content)
        time.sleep(1 / 30)


if __name__ == "__main__":
    main(*sys.argv[1:])
