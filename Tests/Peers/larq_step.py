#!/usr/bin/env python3
"""Times training steps of the 784-2048x3-10 BNN in Larq, as `signflip bench train` does, and prints one JSON object."""

import argparse
import json
import os
import sys
import time

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tf_keras as keras

sys.modules["tensorflow.keras"] = keras  # Larq needs the Keras version that it was written for
import larq

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--batch", type=int, default=256)
parser.add_argument("--steps", type=int, default=10)
options = parser.parse_args()
tf.config.threading.set_intra_op_parallelism_threads(options.threads)
tf.config.threading.set_inter_op_parallelism_threads(1)

weights = dict(kernel_quantizer="ste_sign", kernel_constraint="weight_clip", use_bias=False)
layers = [keras.layers.InputLayer(input_shape=(784,)), larq.layers.QuantDense(2048, **weights)]
for units in (2048, 2048, 10):
    layers.append(keras.layers.BatchNormalization())
    layers.append(larq.layers.QuantDense(units, input_quantizer="ste_sign", **weights))
model = keras.Sequential(layers)
model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
images = tf.constant(np.random.rand(options.batch, 784).astype("float32"))
labels = tf.constant(np.random.randint(0, 10, options.batch))
batches = tf.data.Dataset.from_tensors((images, labels)).repeat()

model.fit(batches, verbose=0, steps_per_epoch=3)
best = float("inf")
for _ in range(3):
    begin = time.perf_counter()
    model.fit(batches, verbose=0, steps_per_epoch=options.steps)
    best = min(best, (time.perf_counter() - begin) / options.steps)
print(json.dumps(dict(
    peer=f"larq {larq.__version__}", net="mlp", kind="bnn", optimizer="adam", precision="float32",
    threads=options.threads, batch=options.batch, millisecondsPerStep=round(best * 1e3, 2),
    imagesPerSecond=round(options.batch / best))))
