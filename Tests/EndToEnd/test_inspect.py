"""`signflip inspect`: every figure equals an independent computation in NumPy."""
import json
import unittest

from recorded import RecordedRunTest

PERCEPTRONS = """\
name: perceptrons
validation: 300
seed: 3
defaults: {hidden: [48, 33], epochs: 2, batchSize: 50, precision: float32, loss: crossEntropy, batchNormalization: true}
lanes:
  - {name: binaryconnect, method: binaryConnect, outputNormalization: true, clipValue: 0.05}
  - {name: bnn, method: bnn}
  - {name: unnormalized, method: bnn, batchNormalization: false, steWindow: 2}
  - {name: bop, method: bnn, optimizer: bop, flipThreshold: 1e-5}
  - {name: ternary, method: ternary, weightScale: mean}
  - {name: recu, method: reCU, outputNormalization: true}
  - {name: float, method: baseline}
"""

CONVOLUTIONS = """\
name: convolutions
validation: 300
seed: 4
defaults:
  epochs: 1
  batchSize: 50
  precision: float32
  loss: crossEntropy
  network:
    - convolution: {filters: 9, kernel: 3}
    - maxPool: {size: 2}
    - batchNormalization
    - activation
    - convolution: {filters: 17, kernel: 3, stride: 2}
    - batchNormalization
    - activation
    - flatten
    - linear: classes
lanes:
  - {name: binaryconnect, method: binaryConnect}
  - {name: bnn, method: bnn, floatLayers: [first]}
  - {name: recu, method: reCU, floatLayers: [first]}
"""


class InspectTest(RecordedRunTest):
    def record(self, experiment):
        done = self.signflip("train", self.write("experiment.yaml", experiment), "--dataset", self.images, "--json",
                             "--threads", "1", "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.newest_run()

    def inspect(self, *arguments):
        done = self.signflip("inspect", *arguments, "--json", "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def check(self, experiment, lanes):
        import checkpoint_network
        import network_diagnosis
        import numpy
        run = self.record(experiment)
        images = checkpoint_network.idx(self.images + "/train-images-idx3-ubyte")[..., numpy.newaxis]
        labels = checkpoint_network.idx(self.images + "/train-labels-idx1-ubyte")
        for lane in lanes:
            with self.subTest(lane=lane):
                found = self.inspect(run.name, lane)
                path = max(run.checkpoints(lane), key=lambda checkpoint: checkpoint[2])[-1]
                diagnosis = network_diagnosis.Diagnosis(path)
                places = found["batch"]["images"]
                self.assertEqual(len(places), 256)
                expected = diagnosis.measure(images[places], labels[places].astype(int))
                self.assertAlmostEqual(found["batch"]["loss"], diagnosis.loss, delta=1e-3 * (1 + diagnosis.loss))
                layers = {layer["name"]: layer for layer in found["layers"]}
                self.assertEqual(set(layers), set(expected))
                for name, figures in expected.items():
                    self.compare(layers[name], figures, [name])
                    cost = layers[name].get("cost")
                    if cost and cost["products"]:
                        self.assertIn(cost.pop("operands"), ("floats", "floats and signs", "signs", "floats and few bits", "few bits"))
                    self.assertEqual(cost, diagnosis.cost(name, layers[name]["output"]), name)
                self.check_epochs(run, lane, layers)
                # A checkpoint file alone has no images.
                alone = self.inspect(path, "--checkpoint", "last")
                self.assertNotIn("batch", alone)
                for layer in alone["layers"]:
                    self.assertEqual(layer.get("weights"), layers[layer["name"]].get("weights"))

    def compare(self, found, expected, place):
        if isinstance(expected, dict):
            extra = {"name", "output", "cost"} if len(place) == 1 else set()
            self.assertEqual(set(found) - extra, set(expected), place)
            for key, value in expected.items():
                self.compare(found[key], value, [*place, key])
        elif isinstance(expected, (list, int)):
            self.assertEqual(found, expected, place)
        else:
            # The order of float32 additions decides the sign of a sum near 0.
            part = {"activations": 4e-3, "lag": 1e-3, "gradientNorm": 2e-2}.get(place[1], 1e-6)
            if place[-1] == "deadShare" and place[1] == "activations":
                part = 0.07
            self.assertAlmostEqual(found, float(expected), delta=part * (1 + abs(expected)) if place[1] != "gradientNorm"
                                   else part * expected, msg=place)

    def check_epochs(self, run, lane, layers):
        """The record of the newest epoch has the same figures, except for gradients."""
        rows = run.rows("SELECT json FROM events WHERE kind = 'layers' AND lane = ? ORDER BY step DESC LIMIT 1", lane)
        if lane == "float":
            return self.assertEqual(rows, [])
        for layer in json.loads(rows[0][0])["diagnostics"]:
            if "weights" in layer:
                flips = layer["weights"].pop("epochFlips")
                self.assertLessEqual(flips["changed"], flips["flips"])
            full = {key: value for key, value in layers[layer["name"]].items() if key not in ("name", "output", "cost", "gradientNorm")}
            self.compare(layer, full, [layer["name"]])

    def test_perceptrons_of_every_method(self):
        self.check(PERCEPTRONS, ["binaryconnect", "bnn", "unnormalized", "bop", "ternary", "recu", "float"])

    def test_convolutions(self):
        self.check(CONVOLUTIONS, ["binaryconnect", "bnn", "recu"])

    def test_the_flips_of_an_epoch(self):
        """Two trainings differ in their last epoch alone: its flips, and the weights that are different after it."""
        import network_diagnosis
        import numpy
        ends = []
        for epochs in (2, 3):
            run = self.record(
                f"name: epochs{epochs}\nvalidation: 300\nseed: 3\ndefaults: {{hidden: [48], epochs: {epochs}, batchSize: 50, "
                "schedule: constant, learningRate: 0.01, precision: float32}\nlanes:\n  - {name: bnn, method: bnn}\n"
                "  - {name: ternary, method: ternary}\n  - {name: bop, method: bnn, optimizer: bop, flipThreshold: 1e-5}\n")
            found = {}
            for lane in ("bnn", "ternary", "bop"):
                path = max(run.checkpoints(lane), key=lambda checkpoint: checkpoint[2])[-1]
                diagnosis = network_diagnosis.Diagnosis(path)
                found[lane] = {layer["name"]: (numpy.sign(diagnosis.weights(layer)),
                                               diagnosis.stored[layer["name"] + ".weights.flipCounts"].astype(int))
                               for layer in diagnosis.network["layers"] if layer["layer"] == "linear"}
            ends.append(found)
        for lane, layers in ends[1].items():
            text, = run.rows("SELECT json FROM events WHERE kind = 'layers' AND lane = ? ORDER BY step DESC LIMIT 1", lane)[0]
            flips = {layer["name"]: layer["weights"]["epochFlips"]
                     for layer in json.loads(text)["diagnostics"] if "weights" in layer}
            self.assertEqual(set(flips), set(layers))
            if lane == "bop":
                self.check_margins(run, json.loads(text))
            for name, (signs, counts) in layers.items():
                former, before = ends[0][lane][name]
                own = counts - before
                # 0, 1, 2, 3-4, 5-8, ... flips.
                bins = numpy.where(own <= 1, own, 1 + numpy.ceil(numpy.log2(numpy.maximum(own, 1))).astype(int))
                order = numpy.argsort(-own, axis=None, kind="stable")[:12]
                restless = [{"unit": int(place) // own.shape[1], "input": int(place) % own.shape[1], "flips": int(own.flat[place])}
                            for place in order if own.flat[place] > 0]
                self.assertEqual(flips[name], {
                    "updates": 54, "flips": own.sum(), "changed": int((signs != former).sum()),
                    "weightsByFlips": numpy.bincount(bins.ravel()).tolist(), "restless": restless})
                self.assertGreater(flips[name]["flips"], 0)

    def check_margins(self, run, report):
        """For Bop, the recorded histograms are those of the margins b·m/τ."""
        import network_diagnosis
        import numpy
        path = max(run.checkpoints("bop"), key=lambda checkpoint: checkpoint[2])[-1]
        stored = network_diagnosis.Diagnosis(path).stored
        for flips, histogram in zip(report["flips"], report["latentWeights"]):
            name = flips["layer"] + ".weights"
            margins = stored[name + ".firstMoment"] * numpy.where(stored[name] < 0, -1, 1) / numpy.float32(1e-5)
            places = numpy.clip(numpy.floor((margins + 2) * 10), 0, 39).astype(int)
            expected = numpy.bincount(places.ravel(), minlength=40)
            self.assertEqual((histogram["lowerBound"], histogram["upperBound"]), (-2, 2))
            self.assertEqual(sum(histogram["counts"]), margins.size)
            # Rounding moves values from a bin to the next only at their edge.
            difference = numpy.cumsum(histogram["counts"]) - numpy.cumsum(expected)
            self.assertLessEqual(abs(difference).max(), 2)

    def test_the_table_and_what_is_refused(self):
        run = self.record(PERCEPTRONS)
        done = self.signflip("inspect", run.name, "bnn", "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("weights of", "cos θ", "hidden1.normalization", "256 validation images"):
            self.assertIn(words, done.stdout)
        none = self.signflip("inspect", run.name, "nobody", "--runs", self.runs)
        self.check_refused(none, "expected one of the lanes", "nobody")
        path = run.checkpoints("bnn")[0][-1]
        self.check_refused(self.signflip("inspect", path, "bnn"), "expected no lane")


if __name__ == "__main__":
    unittest.main()
