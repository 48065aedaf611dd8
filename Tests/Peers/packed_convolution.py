#!/usr/bin/env python3
"""Times a packed binary 3x3 convolution, 256 channels to 256 at 16x16 on one thread, in signflip and in Larq Compute Engine by
turns, and prints the best of each and their ratio.

Needs larq, larq-compute-engine and a TensorFlow that they work with, and signflip's release build."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import larq
import larq_compute_engine
import numpy
import tf_keras
from larq_compute_engine.tflite.python.interpreter import Interpreter

PROGRAM = pathlib.Path(__file__).parent.parent.parent / ".build/release/signflip"
IMAGES, LAYERS = 32, 4
PRODUCTS = LAYERS * 16 * 16 * 256 * 9 * 256


def interpreter():
    """Several layers with a normalization after each; the engine converts the first one's input from floats."""
    layers = [tf_keras.layers.InputLayer(input_shape=(16, 16, 256), batch_size=1)]
    for _ in range(LAYERS):
        layers.append(larq.layers.QuantConv2D(
            256, 3, input_quantizer="ste_sign", kernel_quantizer="ste_sign", kernel_constraint="weight_clip",
            use_bias=False, padding="same", pad_values=1.0))
        layers.append(tf_keras.layers.BatchNormalization())
    model = tf_keras.Sequential(layers)
    return Interpreter(larq_compute_engine.convert_keras_model(model), num_threads=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM}: expected the program, found nothing; build it with swift build -c release")
    engine = interpreter()
    images = numpy.random.default_rng(1).standard_normal((IMAGES, 16, 16, 256), dtype=numpy.float32)
    engine.predict(images[:2])
    theirs = ours = 0
    for _ in range(options.rounds):
        begin = time.perf_counter()
        engine.predict(images)
        theirs = max(theirs, PRODUCTS * IMAGES / (time.perf_counter() - begin) / 1e9)
        done = subprocess.run([PROGRAM, "bench", "convolution"], stdout=subprocess.PIPE, check=True)
        ours = max(ours, json.loads(done.stdout)["gigaMacsPerSecond"])
    print(
        f"3x3 convolution of 256 to 256 at 16x16, 1 thread: signflip {ours:.0f} billion multiply-accumulates/s, "
        f"{ours / theirs:.0f} times Larq Compute Engine {larq_compute_engine.__version__} ({theirs:.1f})")


if __name__ == "__main__":
    main()
