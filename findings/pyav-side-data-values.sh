#!/usr/bin/env bash
# PyAV 18.1.0: `frame.side_data` is a mapping by its type, but iterating over it gives the values in place of the keys. So
#   `.values()`, `.items()` and `dict(...)` raise KeyError as soon as a frame has any side data; `for one in frame.side_data`
#   is what works.
# Source: measured, a frame of a film-like H.264 stream with an unregistered SEI message.
# Needs python3.11 and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check av==18.1.0 numpy==2.4.6
cat > side.py <<'P'
import av, numpy as np

with av.open("a.mp4", "w") as file:
    stream = file.add_stream("libx264", rate=10)  # x264 writes its settings as such a message
    stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
    for _ in range(10):
        for packet in stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")):
            file.mux(packet)
    for packet in stream.encode():
        file.mux(packet)
with av.open("a.mp4") as file:
    frame = next(frame for frame in file.decode(video=0) if len(frame.side_data))
kinds = [type(one).__name__ for one in frame.side_data]
print("iterating gives:", kinds)
try:
    list(frame.side_data.values())
    raised = "nothing"
except KeyError:
    raised = "KeyError"
print("values() raises", raised)
raise SystemExit(0 if raised == "KeyError" and kinds == ["SideData"] * len(kinds) else 1)
P
venv/bin/python side.py
