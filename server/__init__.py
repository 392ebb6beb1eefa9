"""The local web application, its security and the command line."""

import os

# ONNX Runtime tells its maker of each start, the machine and the models, unless told not to before its import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
