#!/usr/bin/env python3
"""Times a packed convolutional model and the same network in Larq Compute Engine, by turns, on one thread at batch 1.

    signflip export RUN LANE -o model.signflip
    .build/larq/bin/python Tests/Peers/larq_inference.py model.signflip [--rounds 3]

Larq's network has the packed model's products: the first one on float images, the others on signs, with normalization after each. Its
weights are drawn; only the time matters. Larq Compute Engine has no binary dense layer, so dense layers are floats there. Writes a JSON object per
line; the last one has the ratio."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import time

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import larq
import larq_compute_engine
import numpy
import tf_keras
from larq_compute_engine.tflite.python.interpreter import Interpreter

import packed_shapes

PROGRAM = pathlib.Path(__file__).parent.parent.parent / ".build/release/signflip"


def network(layers, image):
    """The layers in Keras, on images of [height, width, channels]."""
    channels, rows, columns = image
    model = [tf_keras.layers.InputLayer(input_shape=(rows, columns, channels), batch_size=1)]
    for number, layer in enumerate(layers):
        binary = {"kernel_quantizer": "ste_sign", "kernel_constraint": "weight_clip", "use_bias": False}
        if number:
            binary["input_quantizer"] = "ste_sign"
        if layer["kernel"]:
            padded = any(layer["before"] + layer["after"])
            model.append(larq.layers.QuantConv2D(
                layer["outputs"], layer["kernel"], strides=layer["stride"], padding="same" if padded else "valid",
                pad_values=1.0 if padded and number else 0.0, **binary))
        else:
            if len(model[-1].output_shape if hasattr(model[-1], "output_shape") else ()) != 2:
                model.append(tf_keras.layers.Flatten())
            model.append(larq.layers.QuantDense(layer["outputs"], **binary))
        if layer["pool"]:
            model.append(tf_keras.layers.MaxPool2D(layer["pool"], strides=layer["pool"]))
        model.append(tf_keras.layers.BatchNormalization(scale=False))
    return tf_keras.Sequential(model)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    options = parser.parse_args()
    layers, image = packed_shapes.shapes(options.model)
    engine = Interpreter(larq_compute_engine.convert_keras_model(network(layers, image)), num_threads=1)
    channels, rows, columns = image
    picture = numpy.random.default_rng(1).standard_normal((1, rows, columns, channels), dtype=numpy.float32)
    ours = theirs = float("inf")
    for _ in range(options.rounds):
        times, end = [], time.perf_counter() + options.seconds
        while time.perf_counter() < end or len(times) < 5:
            begin = time.perf_counter()
            engine.predict(picture)
            times.append(time.perf_counter() - begin)
        theirs = min(theirs, statistics.median(times))
        output = subprocess.run([PROGRAM, "bench", "model", options.model, "--json", "--seconds", str(options.seconds)],
                                check=True, capture_output=True, text=True).stdout
        rows_ = [json.loads(line) for line in output.splitlines()]
        ours = min([ours] + [row["medianSeconds"] for row in rows_ if row["threads"] == 1 and row["batch"] == 1])
    for peer, seconds in (("signflip", ours), (f"larq-compute-engine {larq_compute_engine.__version__}", theirs)):
        print(json.dumps({"peer": peer, "batch": 1, "threads": 1, "milliseconds": round(1e3 * seconds, 4),
                          "timesSignflip": round(seconds / ours, 2)}))


if __name__ == "__main__":
    main()
