"""Runs exported ONNX and QONNX files in onnxruntime and qonnx, and compares the results with those of signflip.

Usage: check_onnx.py FOLDER QONNX_IMAGES
FOLDER has images.npy (test images, [N, H, W, C]), labels.npy, and of each network NAME.signflip (with golden samples),
NAME.json (of `signflip eval --json`), NAME.onnx and NAME.qonnx. Prints a line of JSON for each network. It is a program
of its own because these packages warn.
"""
import glob
import json
import os
import sys

import numpy
import onnx
import onnxruntime
import safetensors.numpy
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.util.cleanup import cleanup_model


class Standard:
    """The ONNX file in a stock ONNX Runtime."""

    def __init__(self, path):
        self.model = onnx.load(path)
        onnx.checker.check_model(self.model, full_check=True)
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def logits(self, images):
        return numpy.concatenate([self.session.run(["logits"], {"images": images[begin:begin + 100]})[0]
                                  for begin in range(0, len(images), 100)])


class Quantized:
    """The QONNX file in qonnx's executor, image by image."""

    def __init__(self, path):
        self.model = cleanup_model(ModelWrapper(path)).transform(InferShapes()).transform(InferDataTypes())
        assert self.model.check_all_tensor_shapes_specified()
        self.input, self.output = self.model.graph.input[0].name, self.model.graph.output[0].name
        self.shape = self.model.get_tensor_shape(self.input)

    def logits(self, images):
        if len(self.shape) == 4:
            images = images.transpose(0, 3, 1, 2)
        return numpy.concatenate([
            execute_onnx(self.model, {self.input: image.reshape(self.shape).astype(numpy.float32)})[self.output]
            for image in images])


def confusion(labels, logits):
    counts = numpy.zeros((logits.shape[1], logits.shape[1]), int)
    numpy.add.at(counts, (labels, logits.argmax(1)), 1)
    return counts


def golden(path, shape):
    """The images and logits in the packed file."""
    tensors = safetensors.numpy.load_file(path)
    return tensors["golden.pixels"].reshape(-1, *shape), tensors["golden.logits"]


def share(found, expected):
    """The largest difference, relative to the image's largest logit if that is greater than 1."""
    return float((abs(found - expected).max(1) / numpy.maximum(1, abs(expected).max(1))).max())


def main(folder, quantized_count):
    images, labels = (numpy.load(os.path.join(folder, name + ".npy")) for name in ("images", "labels"))
    for path in sorted(glob.glob(os.path.join(folder, "*.signflip"))):
        base = path.removesuffix(".signflip")
        with open(base + ".json") as file:
            evaluation = json.load(file)
        standard, quantized = Standard(base + ".onnx"), Quantized(base + ".qonnx")
        samples, expected = golden(path, images.shape[1:])
        logits = standard.logits(images)
        some = quantized.logits(images[:quantized_count])
        moved = abs(confusion(labels, logits) - numpy.array(evaluation["confusion"])).sum() // 2
        print(json.dumps(dict(
            name=os.path.basename(base), images=len(images), moved=int(moved),
            predicted=int((numpy.bincount(logits.argmax(1)) > 0).sum()),
            difference=share(standard.logits(samples), expected),
            quantizedDifference=share(quantized.logits(samples), expected),
            quantizedEqual=int((some.argmax(1) == logits[:quantized_count].argmax(1)).sum()),
            domains=sorted({node.domain for node in standard.model.graph.node}),
            operators=sorted({node.op_type for node in standard.model.graph.node}),
            classes=json.loads({entry.key: entry.value for entry in standard.model.metadata_props}["classes"]),
        )), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
