"""Real photographs through the whole live path: a video for each signer, each letter held for half a second.

python bench/photographs.py FOLDER [--hold 0.5] [--picture 3]

FOLDER holds SIGNER/LETTER/*.jpg of people that the model was not trained on. J and Z are left out: they are motion.
Prints what was read and how many letters were right, by signer.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from overlay.captions.transcript import plain_text
from overlay.core.edit_distance import edits
from overlay.media.frame import Picture
from overlay.media.sources.webcam import open_source
from overlay.mp4.video_writer import VideoWriter
from overlay.pipeline.live_captioner import LiveCaptioner

SIDE, RATE = 480, 30
STATIC = "ABCDEFGHIKLMNOPQRSTUVWXY"


def make_video(signer: Path, out: Path, hold: float, picture: int) -> str:
    """Write the video; give the letters that it shows."""
    writer, letters, index = VideoWriter(out), "", 0
    for letter in STATIC:
        files = sorted((signer / letter).glob("*.jpg"))
        if not files:
            continue
        pixels = cv2.imread(str(files[min(picture, len(files) - 1)]))
        scale = SIDE / max(pixels.shape[:2])
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale)
        canvas = np.full((SIDE, SIDE, 3), 110, np.uint8)
        top, left = (SIDE - pixels.shape[0]) // 2, (SIDE - pixels.shape[1]) // 2
        canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
        i420 = np.asarray(cv2.cvtColor(canvas, cv2.COLOR_BGR2YUV_I420), np.uint8)
        for _ in range(round(hold * RATE)):
            writer.send(Picture(i420, index, index / RATE))
            index += 1
        letters += letter
    writer.close()
    return letters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hold", type=float, default=0.5, help="seconds that each letter is shown")
    parser.add_argument("--picture", type=int, default=3, help="which picture of each letter")
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    signers = sorted(path for path in arguments.folder.iterdir() if path.is_dir())
    if not signers:
        sys.exit(f"{arguments.folder} holds no signers: it should hold SIGNER/LETTER/*.jpg.")
    print("| signer | shown | read | right |\n|---|---|---|---|")
    shown = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for signer in signers:
            video = Path(folder) / f"{signer.name}.mp4"
            letters = make_video(signer, video, arguments.hold, arguments.picture)
            source, captioner = open_source(str(video), realtime=False), LiveCaptioner(model=arguments.model)
            while (frame := source.read()) is not None:
                captioner.accept(frame)
            read = plain_text(captioner.finish().state)
            captioner.close()
            source.close()
            errors = len(edits(letters, "".join(read.split())).pairs)
            shown, wrong = shown + len(letters), wrong + errors
            print(f"| {signer.name} | {letters} | {read} | {len(letters) - errors} of {len(letters)} |", flush=True)
    print(f"| all | | | {shown - wrong} of {shown} ({100 * (1 - wrong / shown):.1f} %) |")


if __name__ == "__main__":
    main()
