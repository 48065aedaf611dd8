#!/usr/bin/env python3
"""Times packed models, and float32 and dynamically quantized int8 networks of the same shapes in ONNX Runtime.

    signflip export RUN LANE -o model.signflip
    python3 Tests/Peers/model_inference.py model.signflip [--program .build/release/signflip] [--rounds 3]

Needs onnx and onnxruntime (pip install onnx onnxruntime). Both run with one thread, in turns; the best median of the rounds counts.
The float networks have the packed model's products with rectifiers between them: drawn weights, as only the time matters. Writes a
JSON object per line."""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from packed_shapes import shapes


def float_network(layers, image):
    """An ONNX model with the products of `layers` and rectifiers between them."""
    draws = np.random.default_rng(1)
    nodes, weights, value, shape = [], [], "x", list(image)
    for number, layer in enumerate(layers):
        last = number == len(layers) - 1
        name, out = f"w{number}", f"y{number}"
        if layer["kernel"]:
            rows, columns = layer["kernel"]
            weights.append(numpy_helper.from_array(
                draws.standard_normal((layer["outputs"], shape[0], rows, columns), dtype="f"), name))
            pads = layer["before"] + layer["after"]
            nodes.append(helper.make_node("Conv", [value, name], [out], strides=layer["stride"], pads=pads))
            shape = [layer["outputs"]] + layer["size"]
        else:
            inputs = int(np.prod(shape))
            if len(shape) > 1:
                nodes.append(helper.make_node("Flatten", [value], [f"f{number}"]))
                value = f"f{number}"
            weights.append(numpy_helper.from_array(
                draws.standard_normal((inputs, layer["outputs"]), dtype="f"), name))
            nodes.append(helper.make_node("MatMul", [value, name], [out]))
            shape = [layer["outputs"]]
        value = out
        if layer["pool"]:
            nodes.append(helper.make_node("MaxPool", [value], [f"p{number}"], kernel_shape=layer["pool"],
                                          strides=layer["pool"]))
            value = f"p{number}"
            shape = [shape[0]] + [side // step for side, step in zip(shape[1:], layer["pool"])]
        if not last:
            nodes.append(helper.make_node("Relu", [value], [f"r{number}"]))
            value = f"r{number}"
    graph = helper.make_graph(
        nodes, "float", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N"] + list(image))],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, None)], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def median(session, batch, image, seconds):
    x = np.random.default_rng(2).random([batch] + list(image), dtype="f")
    times, end = [], time.perf_counter() + seconds
    session.run(None, {"x": x})
    while time.perf_counter() < end or len(times) < 5:
        begin = time.perf_counter()
        session.run(None, {"x": x})
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--program", default=".build/release/signflip")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    arguments = parser.parse_args()
    layers, image = shapes(arguments.model)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    best = {}
    with tempfile.TemporaryDirectory() as folder:
        path, small = os.path.join(folder, "float.onnx"), os.path.join(folder, "int8.onnx")
        onnx.save(float_network(layers, image), path)
        quantize_dynamic(path, small, weight_type=QuantType.QUInt8 if len(image) > 1 else QuantType.QInt8)
        sessions = {"float32": ort.InferenceSession(path, options), "int8": ort.InferenceSession(small, options)}
        for _ in range(arguments.rounds):
            output = subprocess.run(
                [arguments.program, "bench", "model", arguments.model, "--json", "--seconds", str(arguments.seconds)],
                check=True, capture_output=True, text=True).stdout
            for line in map(json.loads, output.splitlines()):
                if line["threads"] == 1 and line["batch"] in (1, 256):
                    key = "signflip", line["batch"]
                    best[key] = min(best.get(key, 1e9), line["medianSeconds"])
            for batch in (1, 256):
                for name, session in sessions.items():
                    key = name, batch
                    best[key] = min(best.get(key, 1e9), median(session, batch, image, arguments.seconds))
    for batch in (1, 256):
        ours = best["signflip", batch]
        for name in ("signflip", "float32", "int8"):
            seconds = best[name, batch]
            print(json.dumps({
                "peer": name if name == "signflip" else f"onnxruntime {ort.__version__} {name}", "batch": batch,
                "threads": 1, "milliseconds": round(1e3 * seconds, 4), "imagesPerSecond": round(batch / seconds),
                "timesSignflip": round(seconds / ours, 2)}))


if __name__ == "__main__":
    main()
