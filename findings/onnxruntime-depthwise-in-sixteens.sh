#!/usr/bin/env bash
# onnxruntime 1.32.0 (x86-64 with AVX2 or newer): a depthwise QLinearConv with 24 channels takes longer than the same with 32,
#   although it computes a quarter less: about twice as long where it was measured. Its fast kernels take channels by 16 only,
#   for other numbers a general way is taken without a word. Zero channels that fill up to the next multiple of 16 make a
#   quantised network faster.
# Source: measured, one thread, 112x112, kernel 3x3, channels last, as inside of a quantised graph; medians of runs by turns.
# Needs python3.11 and a package index, on an x86-64 processor.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cat > depthwise.py <<'P'
import time
import numpy as np, onnxruntime
from onnx import TensorProto, helper, numpy_helper

def session(channels):
    rng = np.random.default_rng(0)
    values = {
        "scale": np.float32(0.02), "zero": np.uint8(0),
        "w": rng.integers(-63, 64, (channels, 1, 3, 3), np.int8),
        "w_scale": np.full(channels, 0.01, np.float32), "w_zero": np.zeros(channels, np.int8),
        "bias": np.zeros(channels, np.int32),
    }
    given = ["x", "scale", "zero", "w", "w_scale", "w_zero", "scale", "zero", "bias"]
    node = helper.make_node("QLinearConv", given, ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=channels,
                            domain="com.microsoft", channels_last=1)
    shape = [1, 112, 112, channels]
    graph = helper.make_graph(
        [node], "depthwise",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    x = rng.integers(0, 256, shape, np.uint8)
    made = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: made.run(None, {"x": x})

runs = {channels: session(channels) for channels in (24, 32)}
taken = {channels: [] for channels in runs}
for _ in range(300):
    for channels, run in runs.items():
        began = time.process_time()
        run()
        taken[channels].append(time.process_time() - began)
medians = {channels: float(np.median(times)) for channels, times in taken.items()}
print(f"24 channels take {medians[24] / medians[32]:.2f} of the time that 32 take")
raise SystemExit(0 if medians[24] > medians[32] else 1)
P
ORT_DISABLE_TELEMETRY=1 venv/bin/python depthwise.py
