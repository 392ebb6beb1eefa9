#!/usr/bin/env bash
# onnxruntime 1.32.0 (Linux x86-64): making a session looks names up within seconds, to send events to its maker, and leaves
#   a store of events in the user's cache. ORT_DISABLE_TELEMETRY=1 in the environment before the import stops both; so
#   does CI=true, so that a test of it on a build server sees nothing.
# Source: measured with strace 6.1, a model of one Identity node.
# Needs python3.11, strace and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
unset CI GITHUB_ACTIONS TF_BUILD ORT_DISABLE_TELEMETRY ORT_TELEMETRY_DISABLED
python3.11 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cat > session.py <<'P'
import time
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, helper
shape = [1]
graph = helper.make_graph(
    [helper.make_node("Identity", ["x"], ["y"])], "identity",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
session.run(None, {"x": np.zeros(1, np.float32)})
time.sleep(12)
P
seen() { # how many look-ups, and how many files in the cache of a user who has none
    rm -rf home && mkdir home
    strace -f -qq -e trace=connect -o trace "$@" HOME="$folder/home" XDG_CACHE_HOME="$folder/home/.cache" venv/bin/python session.py
    echo "$(grep -c 'sin_port=htons(53)' trace || true) $(find home -type f | wc -l)"
}
read -r lookups files <<< "$(seen env)"
read -r quiet_lookups quiet_files <<< "$(seen env ORT_DISABLE_TELEMETRY=1)"
read -r ci_lookups _ <<< "$(seen env CI=true)"
echo "look-ups $lookups, files in the cache $files"
echo "with ORT_DISABLE_TELEMETRY=1: look-ups $quiet_lookups, files $quiet_files"
echo "with CI=true: look-ups $ci_lookups"
[ "$lookups" -gt 0 ] && [ "$files" -gt 0 ] && [ "$quiet_lookups" = 0 ] && [ "$quiet_files" = 0 ] && [ "$ci_lookups" = 0 ]
