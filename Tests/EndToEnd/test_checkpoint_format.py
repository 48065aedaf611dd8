"""A lane's test accuracy, recomputed in NumPy from its checkpoint as documented in CHECKPOINTS.md."""
import json
import os
import unittest

from recorded import RecordedRunTest

PERCEPTRONS = """\
name: perceptrons
validation: 600
normalization: channels
seed: 3
defaults: {hidden: [96, 65], epochs: 3, batchSize: 50, precision: float32}
lanes:
  - {name: baseline, method: baseline}
  - {name: unnormalized, method: baseline, batchNormalization: false, hidden: [33]}
  - {name: binaryconnect, method: binaryConnect, binarization: stochastic}
  - {name: scaled, method: binaryConnect, weightScale: mean, outputNormalization: true}
  - {name: bnn, method: bnn, activations: stochastic}
  - {name: bop, method: bnn, optimizer: bop}
  - {name: shifts, method: bnn, batchNormalizationKind: shift, floatLayers: [first]}
  - {name: eight, method: bnn, eightBitLayers: [first, last]}
  - {name: staged, method: bnn, binaryWeightsFrom: 3}
  - {name: xnor, method: xnorNet, inputScale: true, floatLayers: [first]}
  - {name: ternary, method: ternary, weightScale: mean}
  - {name: fixed, method: ternary, ternaryThreshold: 0.1, activation: sign}
  - {name: dorefa1, method: doReFa, weightBits: 1, activationBits: 2}
  - {name: dorefa3, method: doReFa, weightBits: 3, activationBits: 3}
  - {name: recu, method: reCU, outputNormalization: true}
"""

CONVOLUTIONS = """\
name: convolutions
validation: 600
normalization: %s
seed: 4
defaults:
  epochs: 2
  batchSize: 50
  precision: float32
  network:
    - convolution: {filters: 9, kernel: 3}
    - maxPool: {size: 2}
    - batchNormalization
    - activation
    - convolution: {filters: 17, kernel: 3, stride: 2, border: %s}
    - batchNormalization
    - activation
    - flatten
    - linear: 31
    - batchNormalization
    - activation
    - linear: classes
lanes:
  - {name: baseline, method: baseline}
  - {name: binaryconnect, method: binaryConnect}
  - {name: bnn, method: bnn, floatLayers: [first]}
  - {name: xnor, method: xnorNet, inputScale: true, floatLayers: [first, last]}
  - {name: ternary, method: ternary}
  - {name: dorefa, method: doReFa, weightBits: 2, activationBits: 2}
  - {name: recu, method: reCU, floatLayers: [first]}
"""

RESIDUALS = """\
name: residuals
validation: 600
normalization: zca
seed: 5
lanes:
  - name: reactnet
    method: bnn
    precision: float32
    epochs: 2
    batchSize: 50
    floatLayers: [first, last]
    network:
      - convolution: {filters: 8, kernel: 3}
      - batchNormalization
      - residual: [rsign, convolution: 8, batchNormalization]
      - rprelu
      - residual: [sign, convolution: 8, batchNormalization]
      - hardtanh
      - residual:
          shortcut: zeroPad
          layers: [rsign, convolution: {filters: 12, stride: 2, border: sameOne}, batchNormalization]
      - rprelu
      - residual:
          shortcut: [averagePool: 2, convolution: {filters: 16, kernel: 1}, batchNormalization]
          layers: [sign, convolution: {filters: 16, stride: 2}, batchNormalization]
      - globalAveragePool
      - linear: classes
"""


class CheckpointFormatTest(RecordedRunTest):
    """Short trainings of every method on images of 12×12."""

    def check(self, experiment, lanes):
        import checkpoint_network
        import numpy
        done = self.signflip("train", self.write("experiment.yaml", experiment), "--dataset", self.images, "--json",
                             "--threads", "1", "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        results = {lane["lane"]: lane for lane in json.loads(done.stdout.splitlines()[-1])["lanes"]}
        self.assertEqual(set(results), set(lanes))
        images = checkpoint_network.idx(self.images + "/t10k-images-idx3-ubyte")[..., numpy.newaxis]
        labels = checkpoint_network.idx(self.images + "/t10k-labels-idx1-ubyte")
        run = self.newest_run()
        for lane, result in results.items():
            with self.subTest(lane=lane):
                path = max(run.checkpoints(lane), key=lambda checkpoint: checkpoint[2])[-1]
                checkpoint = checkpoint_network.Checkpoint(path)
                self.assertEqual(checkpoint.digest(), result["weightsSHA256"])
                self.assertEqual(checkpoint.data["classes"], [str(label) for label in range(10)])
                correct = checkpoint_network.count_correct(checkpoint, images, labels, self.whitening(run))
                self.assertEqual(correct, round(result["testAccuracy"] * len(images)))
                # Better than chance, 10 %, so that learned weights are compared.
                self.assertGreater(result["testAccuracy"], 0.15)

    def whitening(self, run):
        """The whitening of a run with zca; None for others."""
        from safetensors.numpy import load_file
        path = os.path.join(run.directory, "whitening.safetensors")
        return load_file(path) if os.path.exists(path) else None

    def test_perceptrons_of_every_method(self):
        self.check(PERCEPTRONS, ["baseline", "unnormalized", "binaryconnect", "scaled", "bnn", "bop", "shifts", "eight",
                                 "staged", "xnor", "ternary", "fixed", "dorefa1", "dorefa3", "recu"])

    def test_convolutions_of_every_method(self):
        lanes = ["baseline", "binaryconnect", "bnn", "xnor", "ternary", "dorefa", "recu"]
        self.check(CONVOLUTIONS % ("range", "sameZero"), lanes)
        self.check(CONVOLUTIONS % ("gcn", "sameOne"), lanes)

    def test_residual_blocks_and_learned_activations_on_whitened_images(self):
        self.check(RESIDUALS, ["reactnet"])


if __name__ == "__main__":
    unittest.main()
