"""Trained networks of every method and every named network in every form that runs, on the test images of real data sets.

`signflip export` compares the packed model with the trainer on all test images. Here the C program computes all of them, ONNX
Runtime the first 1,000, and qonnx the first few. The logits of C must equal those of the packed model; those of ONNX Runtime may
differ by 1e-4 of the greatest, and by more where a sign of a float sum is a tie.

Tests/nightly runs this. SIGNFLIP_TEST_DATA is a folder with MNIST and CIFAR-10 (cifar-10-batches-bin); what is missing there
is named and left out. Fashion-MNIST is the package dataset-fashion-mnist.
"""
import contextlib
import ctypes
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import onnx_ties
from onnx_ties import share
from program import ProgramTest
from screen import PROGRAM

LIBRARY = os.path.join(os.path.dirname(PROGRAM), "libsignflip_model.so")
FLAGS = "-std=c99 -O2 -Wall -Wextra -Wconversion -pedantic -Werror".split()
FASHION = "/usr/share/datasets/fashion-mnist"

METHODS = """\
name: methods
normalization: range
seed: 3
defaults: {hidden: [256, 256, 256], epochs: 1, batchSize: 100, precision: float32}
lanes:
  - {name: baseline, method: baseline}
  - {name: binaryconnect, method: binaryConnect}
  - {name: drawn, method: binaryConnect, binarization: stochastic}
  - {name: bnn, method: bnn}
  - {name: shifts, method: bnn, batchNormalizationKind: shift}
  - {name: eight, method: bnn, eightBitLayers: [first, last]}
  - {name: ends, method: bnn, floatLayers: [first, last]}
  - {name: xnor, method: xnorNet}
  - {name: scaled, method: xnorNet, inputScale: true}
  - {name: ternary, method: ternary}
  - {name: signs, method: ternary, activation: sign}
  - {name: dorefa, method: doReFa, weightBits: 2, activationBits: 2}
  - {name: recu, method: reCU}
  - {name: bop, method: bnn, optimizer: bop}
"""

LENET = """\
name: lenet
normalization: range
seed: 4
defaults: {network: lenet-5, epochs: 1, batchSize: 100, precision: float32}
lanes:
  - {name: baseline, method: baseline}
  - {name: bnn, method: bnn}
  - {name: xnor, method: xnorNet, inputScale: true, floatLayers: [first, last]}
"""

NAMED = """\
name: named
normalization: channels
seed: 6
validation: 200
defaults: {epochs: 2, batchSize: 50, precision: float32}
lanes:
  - {name: cnv, method: bnn, network: cnv}
  - {name: convnet, method: xnorNet, inputScale: true, network: convnet-50-100-200}
  - {name: reference, method: bnn, network: reference-convnet}
  - {name: resnet, method: bnn, network: resnet-20, floatLayers: [first, last]}
  - {name: vgg, method: bnn, network: vgg-small, eightBitLayers: [first, last]}
"""

PREPARED = """\
name: prepared
normalization: %s
seed: 7
validation: 200
defaults: {epochs: 1, batchSize: 50, precision: float32, hidden: [64, 64]}
lanes:
  - {name: bnn, method: bnn}
  - {name: convnet, method: bnn, network: convnet-50-100-200}
"""

# Reads images from a file, and writes their logits.
MAIN = """\
#include <stdio.h>
#include "network.h"
static uint32_t scratch[NETWORK_SCRATCH_WORDS];
static uint8_t image[NETWORK_IMAGE_BYTES];
static float logits[NETWORK_CLASSES];
int main(void) {
  while (fread(image, NETWORK_IMAGE_BYTES, 1, stdin) == 1) {
    if (network_run(image, logits, scratch) != NETWORK_OK) return 1;
    if (fwrite(logits, sizeof logits, 1, stdout) != 1) return 2;
  }
  return network_self_test(scratch) == -1 ? 0 : 3;
}
"""


class Library:
    """The packed model, run by the library for C."""

    def __init__(self):
        self.library = ctypes.CDLL(LIBRARY)

    def logits(self, path, images, classes):
        import numpy
        model, error = ctypes.c_void_p(), ctypes.create_string_buffer(256)
        done = self.library.signflip_model_open(path.encode(), 2, ctypes.byref(model), error, ctypes.c_size_t(256))
        assert done == 0, error.value
        logits = numpy.zeros((len(images), classes), numpy.float32)
        pixels = numpy.ascontiguousarray(images)
        for first in range(0, len(images), 500):
            some = pixels[first:first + 500]
            done = self.library.signflip_model_run(
                model, some.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(some)),
                logits[first:].ctypes.data_as(ctypes.c_void_p))
            assert done == 0
        self.library.signflip_model_close(model)
        return logits


class ExportsTest(ProgramTest):
    # A training and an export of many lanes.
    limit = 3600

    # The largest accepted number of test images whose class differs; each must be traced to a tie.
    most = 2

    def check(self, experiment, dataset, images, forms=("c", "onnx", "qonnx")):
        """Trains the experiment's lanes, exports each in every form, and compares their logits."""
        path = os.path.join(self.folder, "experiment.yaml")
        pathlib.Path(path).write_text(experiment)
        self.does("train", path, "--dataset", dataset, "--headless", "--threads", "2")
        for lane in re.findall(r"name: (\w+), method", experiment):
            with self.subTest(lane=lane):
                self.check_lane(lane, dataset, images, forms)

    def does(self, *words):
        done = self.signflip(*words, timeout=self.limit)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        return done.stdout

    def check_lane(self, lane, dataset, images, forms):
        packed = os.path.join(self.folder, f"{lane}.signflip")
        said = self.does("export", "last", lane, "-o", packed)
        equal, total = re.match(r"([\d,]+) of ([\d,]+) predictions equal", said).groups()
        ties = len(re.findall(r"^image \d+: a tie", said, flags=re.M))
        for trained, exact in re.findall(r"^image \d+: a tie at .*\.sign\S*: (\S+) as trained, ([^\s;]+) exactly", said, flags=re.M):
            self.assertNotEqual(float(trained) < 0, float(exact) < 0, said)
        classes = 10
        expected = Library().logits(packed, images, classes)
        found = {}
        with self.without(dataset):
            for form in forms:
                try:
                    found[form] = getattr(self, form)(lane, images, expected)
                except AssertionError as error:
                    raise AssertionError(f"{lane}, {form}: {error}") from error
        print(json.dumps({"lane": lane, "packed equal": f"{equal} of {total}", "traced ties": ties, **found}), flush=True)
        self.assertEqual(total, f"{len(images):,}")
        self.assertLessEqual(int(total.replace(",", "")) - int(equal.replace(",", "")), self.most)

    @contextlib.contextmanager
    def without(self, dataset):
        """Hides a data set in the test's folder, so that `export` compares networks on random images, which takes less time."""
        is_own = dataset.startswith(self.folder)
        if is_own:
            os.rename(dataset, dataset + ".hidden")
        try:
            yield
        finally:
            if is_own:
                os.rename(dataset + ".hidden", dataset)

    def compare(self, found, expected):
        """[equal predictions, images, greatest difference as a share of the image's greatest logit, equal logits]."""
        greatest = max(map(share, found, expected))
        equal = int((found.argmax(1) == expected.argmax(1)).sum())
        return [equal, len(found), float(f"{greatest:.2g}"), int((found == expected).all(1).sum())]

    def c(self, lane, images, expected):
        import numpy
        folder = os.path.join(self.folder, "network")
        shutil.rmtree(folder, ignore_errors=True)
        self.does("export", "last", lane, "--format", "c", "-o", folder)
        pathlib.Path(folder, "main.c").write_text(MAIN)
        done = subprocess.run(["gcc", *FLAGS, "-DNETWORK_SELF_TEST", "main.c", "network.c", "-o", "network", "-lm"],
                              cwd=folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run([os.path.join(folder, "network")], input=images.tobytes(), capture_output=True)
        self.assertEqual(done.returncode, 0)
        result = self.compare(numpy.frombuffer(done.stdout, numpy.float32).reshape(len(images), -1), expected)
        self.assertEqual(result[3], len(images), f"unequal logits: {result}")
        return result

    def onnx(self, lane, images, expected):
        import onnxruntime
        import numpy
        path = os.path.join(self.folder, "network.onnx")
        self.does("export", "last", lane, "--format", "onnx", "-o", path, "--force")
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        some = images[:1000]
        found = numpy.concatenate([session.run(["logits"], {"images": some[first:first + 100]})[0]
                                   for first in range(0, len(some), 100)])
        result, ties = self.compare(found, expected[:1000]), {}
        for image in range(len(some)):
            if share(found[image], expected[image]) > 1e-4:
                ties[image] = onnx_ties.Ties(path, 1e-4).explain(some[image], expected[image])
                self.assertTrue(ties[image], f"the logits of image {image} differ without a tie")
        unequal = set(int(image) for image in (found.argmax(1) != expected[:1000].argmax(1)).nonzero()[0])
        self.assertLessEqual(unequal, set(ties))
        self.assertLessEqual(len(unequal), 2)
        return [*result, ties] if ties else result

    def qonnx(self, lane, images, expected):
        import numpy
        path = os.path.join(self.folder, "network.qonnx")
        self.does("export", "last", lane, "--format", "qonnx", "-o", path, "--force")
        some = 3 if images.shape[1] > 28 else 20
        numpy.save(os.path.join(self.folder, "some.npy"), images[:some])
        # In a process of its own, as these packages warn.
        script = ("import sys, numpy, check_onnx; "
                  "numpy.save(sys.argv[3], check_onnx.Quantized(sys.argv[1]).logits(numpy.load(sys.argv[2])))")
        result = os.path.join(self.folder, "logits.npy")
        done = subprocess.run([sys.executable, "-c", script, path, os.path.join(self.folder, "some.npy"), result],
                              cwd=os.path.dirname(__file__), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        result = self.compare(numpy.load(result), expected[:some])
        self.assertEqual(result[0], result[1])
        return result

    # Data sets.

    def idx(self, path):
        import numpy
        data = gzip.open(path).read() if path.endswith(".gz") else pathlib.Path(path).read_bytes()
        return numpy.frombuffer(data[16:], numpy.uint8).reshape(-1, 28, 28, 1)

    def given(self, name):
        """A folder of SIGNFLIP_TEST_DATA."""
        path = os.path.join(os.environ.get("SIGNFLIP_TEST_DATA", ""), name)
        if not os.path.isdir(path):
            self.skipTest(f"SIGNFLIP_TEST_DATA has no {name}: not exported")
        return path

    def cifar(self):
        """CIFAR-10 with 2,000 training images and all test images; and the test images."""
        import numpy
        source, folder = self.given("cifar-10-batches-bin"), os.path.join(self.folder, "cifar-10-batches-bin")
        os.mkdir(folder)
        for name in os.listdir(source):
            data = pathlib.Path(source, name).read_bytes()
            pathlib.Path(folder, name).write_bytes(data[:400 * 3073] if name.startswith("data_batch") else data)
        records = numpy.frombuffer(pathlib.Path(source, "test_batch.bin").read_bytes(), numpy.uint8).reshape(-1, 3073)
        return folder, records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy()

    def test_every_method_on_mnist(self):
        folder = self.given("mnist")
        path = next(os.path.join(folder, name) for name in os.listdir(folder) if re.match("t10k.images", name))
        self.check(METHODS, folder, self.idx(path))

    def test_lenet_on_fashion_mnist(self):
        path = next(os.path.join(FASHION, name) for name in os.listdir(FASHION) if re.match("t10k.images", name))
        self.check(LENET, "fashion-mnist", self.idx(path))

    def test_named_networks_on_cifar(self):
        self.check(NAMED, *self.cifar())

    def test_normalized_contrast(self):
        self.check(PREPARED % "gcn", *self.cifar())

    def test_whitened_images(self):
        # Whitening adds 3,072 floats per pixel, so more of the convolutions' sums are ties; and after one epoch many images have
        # two nearly equal logits.
        self.most = 20
        self.check(PREPARED % "zca", *self.cifar())


if __name__ == "__main__":
    unittest.main()
