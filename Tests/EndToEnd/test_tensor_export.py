"""Trained tensors as safetensors and NumPy arrays, used by a program without signflip."""
import json
import os
import unittest

from recorded import RecordedRunTest

EXPERIMENT = """\
name: tensors
validation: 600
seed: 3
defaults: {hidden: [96, 65], epochs: 1, batchSize: 50, precision: float32}
lanes:
  - {name: bnn, method: bnn}
  - name: xnor
    method: xnorNet
    network:
      - convolution: {filters: 9, kernel: 3}
      - batchNormalization
      - activation
      - convolution: {filters: 17, kernel: 3}
      - batchNormalization
      - activation
      - flatten
      - linear: classes
"""


class TensorExportTest(RecordedRunTest):
    def setUp(self):
        super().setUp()
        done = self.signflip("train", self.write("experiment.yaml", EXPERIMENT), "--dataset", self.images, "--json",
                             "--threads", "1", "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.run_folder = self.newest_run().directory

    def export(self, lane, form, suffix):
        path = os.path.join(self.folder, f"{lane}.{suffix}")
        self.command("export", self.run_folder, lane, "--format", form, "-o", path)
        return path

    def test_numpy_computes_the_golden_logits_of_a_perceptron(self):
        import numpy
        from safetensors.numpy import load_file
        golden = load_file(self.export("bnn", "packed", "signflip"))
        with numpy.load(self.export("bnn", "numpy", "npz")) as file:
            tensors = {name: file[name] for name in file.files}
        data, layers = json.loads(tensors["data"].item()), json.loads(tensors["layers"].item())["layers"]
        # As documented in ONNX.md, in float64.
        x = golden["golden.pixels"].astype(float) * data["scale"][0] + data["lower"][0]
        for layer in layers:
            def tensor(what, name=layer["name"]):
                return tensors[f"{name}.{what}"].astype(float)
            if layer["layer"] == "linear":
                x = x @ tensor("weights").T + (tensor("bias") if layer.get("bias") else 0)
            elif layer["layer"] == "batchNormalization":
                deviation = numpy.sqrt(tensor("runningVariance") + layer["epsilon"])
                x = tensor("scale") * (x - tensor("runningMean")) / deviation + tensor("shift")
            elif layer["layer"] == "sign":
                x = numpy.where(x < 0, -1.0, 1.0)
        self.assertLess(abs(x - golden["golden.logits"]).max(), 1e-4)

    def test_the_bits_are_the_signs_of_the_weights(self):
        import numpy
        with numpy.load(self.export("bnn", "numpy", "npz")) as file:
            products = [(number, operation) for number, operation in enumerate(json.loads(file["packed.graph"].item()))
                        if operation["op"] == "product"]
            self.assertEqual(len(products), 3)
            for number, operation in products:
                words, weights = file[f"packed.{number}.weights"], file[operation["layer"] + ".weights"]
                bits = numpy.unpackbits(words.view(numpy.uint8), axis=1, bitorder="little")[:, :weights.shape[1]]
                self.assertTrue((numpy.where(bits, -1, 1) == weights).all())

    def test_convolutions_have_their_channels_first(self):
        import numpy
        from safetensors import safe_open
        with safe_open(self.export("xnor", "safetensors", "safetensors"), "numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            self.assertEqual(json.loads(file.metadata()["provenance"])["lane"], "xnor")
        self.assertEqual(tensors["conv2.weights"].shape, (17, 9, 3, 3))
        scale = abs(tensors["conv2.latentWeights"]).mean((1, 2, 3), keepdims=True)
        expected = numpy.where(tensors["conv2.latentWeights"] < 0, -scale, scale)
        self.assertLess(abs(tensors["conv2.weights"] - expected).max(), 1e-6)
        with numpy.load(self.export("xnor", "numpy", "npz")) as file:
            for name, tensor in tensors.items():
                self.assertTrue((file[name] == tensor).all(), name)


if __name__ == "__main__":
    unittest.main()
