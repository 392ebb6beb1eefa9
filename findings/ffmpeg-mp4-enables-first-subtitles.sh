#!/usr/bin/env bash
# FFmpeg 8.1's MP4 muxer, by PyAV 18.1.0: a mov_text track whose disposition is 0 is written as enabled if it is the first one of
#   its kind, and read back as default, so players show it by themselves. In Matroska the same track stays off. What is off is
#   the lowest bit of the flags in `tkhd`, which has to be cleared in the finished file.
# Source: measured, one track of text, written and read back.
# Needs python3.11 and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check av==18.1.0 numpy==2.4.6
cat > track.py <<'P'
from fractions import Fraction
import av, numpy as np

def written(name, codec):
    with av.open(name, "w") as file:
        picture = file.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        text = file.add_mux_stream(codec, time_base=Fraction(1, 1000))
        text.disposition = av.stream.Disposition(0)
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            frame.pts = number
            for packet in picture.encode(frame):
                file.mux(packet)
        for packet in picture.encode():
            file.mux(packet)
        packet = av.Packet((2).to_bytes(2, "big") + b"HI" if codec == "mov_text" else b"HI")
        packet.stream, packet.pts, packet.dts, packet.duration = text, 0, 0, 500
        packet.time_base = Fraction(1, 1000)
        file.mux(packet)
    with av.open(name) as file:
        return bool(file.streams.subtitles[0].disposition & av.stream.Disposition.default)

mp4, matroska = written("a.mp4", "mov_text"), written("a.mkv", "subrip")
print("subtitles that are off, read back as default: MP4", mp4, "Matroska", matroska)
raise SystemExit(0 if mp4 and not matroska else 1)
P
venv/bin/python track.py
