#!/usr/bin/env bash
# MediaPipe 1.2.2: mediapipe.Image takes a part of a larger NumPy array (columns cut out, not contiguous), ignores its strides
#   and holds other pixels, without an error or a warning: the rows of the part run into what lies beside it. A hand in such a
#   picture is found in the wrong place or not at all. A copy (numpy.ascontiguousarray) is read rightly.
# Source: measured; Image.numpy_view() compared with what was given.
# Needs python3.11 and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check mediapipe==1.2.2
cat > image.py <<'P'
import mediapipe
import numpy as np

wide = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
part = wide[:, 8:40]
def held(pixels):
    image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
    return bool(np.array_equal(image.numpy_view(), part))
print("a part of an array is held as given:", cut := held(part))
print("a copy of it is held as given:", copied := held(np.ascontiguousarray(part)))
raise SystemExit(0 if copied and not cut else 1)
P
venv/bin/python image.py 2>/dev/null
