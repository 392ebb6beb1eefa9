"""The live path of Signcap: from a camera frame to a captioned frame. No web code, no training code."""

import os

# ONNX Runtime tells its maker of each start, the machine and the models, unless told not to before its import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
