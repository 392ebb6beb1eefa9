"""Options of ONNX Runtime for the small networks of the live path."""

import onnxruntime as ort


def one_thread() -> ort.SessionOptions:
    """Return options for a small network beside the rest: threads would cost more than they give."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options
