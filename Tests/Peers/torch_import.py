#!/usr/bin/env python3
"""Imports state dicts that PyTorch wrote, and compares logits and accuracy with PyTorch's on test images.

    python3 Tests/Peers/torch_import.py MNIST_FOLDER [--build .build/release]

Needs torch, numpy and safetensors. The networks are 784-128-10 with drawn weights, and statistics of batch normalization of some
training images; a binary one has signs of weights and of activations. Writes a JSON object for each."""
import argparse
import ctypes
import gzip
import json
import os
import pathlib
import re
import subprocess
import tempfile

import numpy
import torch
from safetensors.torch import save_file
from torch import nn


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return nn.functional.linear(x, torch.where(self.weight < 0, -1.0, 1.0), self.bias)


class Sign(nn.Module):
    def forward(self, x):
        return torch.where(x < 0, -1.0, 1.0)


def idx(folder, pattern, header):
    path = next(path for path in folder.iterdir() if re.match(pattern, path.name))
    data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    return numpy.frombuffer(data[header:], numpy.uint8)


def packed_logits(library, path, images):
    model, error = ctypes.c_void_p(), ctypes.create_string_buffer(256)
    library = ctypes.CDLL(str(library))
    assert library.signflip_model_open(path.encode(), 1, ctypes.byref(model), error, ctypes.c_size_t(256)) == 0, error.value
    logits = numpy.zeros((len(images), 10), numpy.float32)
    assert library.signflip_model_run(model, images.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(images)),
                                      logits.ctypes.data_as(ctypes.c_void_p)) == 0
    library.signflip_model_close(model)
    return logits


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(".build/release"))
    arguments = parser.parse_args()
    images = idx(arguments.mnist, "t10k.images", 16).reshape(-1, 784)
    labels = idx(arguments.mnist, "t10k.labels", 8)
    some = idx(arguments.mnist, "train.images", 16).reshape(-1, 784)[:2000]

    def inputs(pixels):
        return torch.from_numpy(pixels.astype(numpy.float32) * numpy.float32(1 / 255))

    for name, method, linear, activation in (("float", "baseline", nn.Linear, nn.ReLU), ("binary", "bnn", BinaryLinear, Sign)):
        torch.manual_seed(1)
        model = nn.Sequential(linear(784, 128), nn.BatchNorm1d(128), activation(), linear(128, 10))
        with torch.no_grad():
            for _ in range(50):
                model(inputs(some))
            model.eval()
            expected = model(inputs(images)).numpy()
        with tempfile.TemporaryDirectory() as folder:
            state, experiment, packed = (os.path.join(folder, file) for file in ("model.safetensors", "e.yaml", "m.signflip"))
            save_file(model.state_dict(), state)
            pathlib.Path(experiment).write_text(
                "name: torch\nnormalization: range\nlanes:\n"
                f"  - {{name: lane, method: {method}, precision: float32, batchNormalizationEpsilon: 1e-5,\n"
                "     network: [flatten, {linear: 128}, batchNormalization, activation, {linear: classes}]}\n")

            def signflip(*words):
                return subprocess.run([arguments.build / "signflip", *words], check=True, text=True, stdout=subprocess.PIPE,
                                      env={**os.environ, "SIGNFLIP_RUNS": folder}).stdout

            signflip("import", state, "--network", experiment, "--dataset", str(arguments.mnist))
            signflip("export", "last", "-o", packed)
            accuracy = json.loads(signflip("eval", packed, "--dataset", str(arguments.mnist), "--json"))["accuracy"]
            found = packed_logits(arguments.build / "libsignflip_model.so", packed, images)
        print(json.dumps({
            "network": name, "equalPredictions": int((found.argmax(1) == expected.argmax(1)).sum()), "images": len(images),
            "greatestShare": float((abs(found - expected).max(1) / abs(expected).max(1)).max()), "accuracy": accuracy,
            "torchAccuracy": float((expected.argmax(1) == labels).mean())}), flush=True)


if __name__ == "__main__":
    main()
