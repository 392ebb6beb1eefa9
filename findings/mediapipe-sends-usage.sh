#!/usr/bin/env bash
# MediaPipe 1.2.2 (Linux x86-64): closing a hand landmarker looks up play.googleapis.com, to send how it was used.
#   BaseOptions has no setting against it. A proxy of an unknown scheme in https_proxy stops it before the look-up, and so
#   does a seccomp filter on the thread that makes the landmarker, since the sender's thread is made from that one.
# Source: measured with strace 6.1; https://github.com/google-ai-edge/mediapipe/issues/6291
# Needs python3.11, strace and a package index. No picture is sent anywhere: the one that is shown is grey.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
unset https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
python3.11 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check mediapipe==1.2.2 numpy==2.4.6 protobuf==7.36.2
# The hand models are in an older wheel; the bundle that the landmarker takes is a zip file of the two.
venv/bin/pip download -qq --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.11 \
    --platform manylinux_2_28_x86_64 --dest . mediapipe==0.10.21
cat > landmarker.py <<'P'
import sys, zipfile
if sys.argv[1] == "bundle":
    with zipfile.ZipFile(sys.argv[2]) as wheel, zipfile.ZipFile("hand.task", "w") as bundle:
        modules = "mediapipe/modules/"
        bundle.writestr("hand_detector.tflite", wheel.read(modules + "palm_detection/palm_detection_full.tflite"))
        bundle.writestr("hand_landmarks_detector.tflite", wheel.read(modules + "hand_landmark/hand_landmark_full.tflite"))
    sys.exit()
import time
import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions, vision
options = vision.HandLandmarkerOptions(base_options=BaseOptions(model_asset_path="hand.task"))
landmarker = vision.HandLandmarker.create_from_options(options)
landmarker.detect(Image(image_format=ImageFormat.SRGB, data=np.full((64, 64, 3), 110, np.uint8)))
landmarker.close()
time.sleep(2)
P
venv/bin/python landmarker.py bundle mediapipe-0.10.21*.whl
looked_up() { # whether the name was in what the program sent
    strace -f -qq -s 200 -e trace=sendmmsg,sendto,connect -o trace "$@" venv/bin/python landmarker.py run 2>/dev/null
    grep -qE 'play.{1,4}googleapis' trace || grep -q 'sin_port=htons(53)' trace
}
if looked_up; then plain=yes; else plain=no; fi
if looked_up env https_proxy=off:// no_proxy=none.invalid; then proxied=yes; else proxied=no; fi
echo "a landmarker that is closed looks a name up: $plain"
echo "with https_proxy=off:// it does: $proxied"
[ "$plain" = yes ] && [ "$proxied" = no ]
