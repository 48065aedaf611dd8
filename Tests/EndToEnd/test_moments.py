"""`signflip moments` and `signflip find-rate`: their figures equal independent computations in NumPy."""
import json
import unittest

from recorded import RecordedRunTest

EXPERIMENT = """\
name: moments
validation: 300
seed: 3
defaults: {hidden: [32, 24], epochs: 3, batchSize: 50, precision: float32}
lanes:
  - {name: binary, method: binaryConnect, outputNormalization: true}
  - {name: bop, method: bnn, optimizer: bop, flipThreshold: 1e-5}
  - {name: ternary, method: ternary}
  - {name: float, method: baseline}
"""


class MomentsTest(RecordedRunTest):
    def record(self):
        steering = self.write("steering.yaml", "steering: [{lane: binary, step: 70, set: {clipValue: 0.5}}]")
        done = self.signflip("train", self.write("moments.yaml", EXPERIMENT), "--dataset", self.images, "--json",
                             "--threads", "1", "--steer", steering, "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.newest_run()

    def json(self, *arguments):
        done = self.signflip(*arguments, "--json", "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_moments_equal_numpy(self):
        import network_diagnosis
        import numpy
        run = self.record()
        for lane in ("binary", "bop", "ternary"):
            checkpoints = sorted(run.checkpoints(lane), key=lambda checkpoint: checkpoint[2])
            first, second = checkpoints[0], checkpoints[-1]
            found = self.json("moments", run.name, lane, str(first[2]), str(second[2]))
            self.assertEqual((found["first"]["place"]["step"], found["second"]["place"]["step"]), (first[2], second[2]))
            signs = []
            for path in (first[3], second[3]):
                diagnosis = network_diagnosis.Diagnosis(path)
                signs.append({layer["name"]: numpy.sign(diagnosis.weights(layer)) for layer in diagnosis.network["layers"]
                              if layer["layer"] == "linear" and layer["weights"]["kind"] != "float"})
            self.assertGreaterEqual(len(signs[0]), 2)
            self.assertEqual([layer["name"] for layer in found["layers"]], list(signs[0]))
            for layer in found["layers"]:
                a, b = signs[0][layer["name"]], signs[1][layer["name"]]
                self.assertEqual((layer["weights"], layer["differing"]), (a.size, int((a != b).sum())), layer)
                self.assertGreater(layer["differing"], 0, layer)
            # Loss, accuracy and the figures of the layers.
            losses = dict(run.rows("SELECT step, value FROM metrics WHERE lane = ? AND metric = 'trainLoss'", lane))
            self.assertAlmostEqual(found["second"]["trainLoss"], losses[second[2]], delta=1e-6)
            self.assertNotIn("trainLoss", found["first"])
            accuracies = run.rows(
                "SELECT value FROM metrics WHERE lane = ? AND metric = 'validationAccuracy' ORDER BY step", lane)
            self.assertAlmostEqual(found["second"]["validationAccuracy"], accuracies[-1][0], delta=1e-6)
            inspected = self.json("inspect", run.name, lane, "--checkpoint", str(second[2]))
            self.assertEqual(found["second"]["diagnostics"]["layers"], inspected["layers"])
        changed = self.json("moments", run.name, "binary", *(str(step) for step in (0, second[2])))
        knobs = [{knob["hyperparameter"]: knob["value"] for knob in changed[side]["hyperparameters"]}
                 for side in ("first", "second")]
        self.assertEqual((knobs[0]["clipValue"], knobs[1]["clipValue"]), (1, 0.5))

    def test_moments_that_are_not_there_are_named(self):
        run = self.record()
        done = self.signflip("moments", run.name, "binary", "0", "3", "--runs", self.runs)
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected a checkpoint at one of the steps", done.stderr)

    def test_the_suggested_rate_equals_numpy(self):
        import numpy
        run = self.record()
        before = run.digests()
        for lane, key in (("binary", "learningRate"), ("float", "learningRate"), ("bop", "flipThreshold"), ("bop", "gamma")):
            with self.subTest(lane=lane, key=key):
                found = self.json("find-rate", run.name, lane, "--key", key, "--updates", "120")
                curve = found["curve"]
                values, losses = numpy.array(curve["values"]), numpy.array([float(loss) for loss in curve["losses"]])
                self.assertEqual(curve["hyperparameter"], key)
                ratios = values[1:] / values[:-1]
                self.assertLess(numpy.ptp(numpy.log(ratios)), 1e-6)
                finite = numpy.isfinite(losses)
                weights = 0.9 ** numpy.arange(len(losses))
                smoothed = numpy.array([(losses[:n + 1] * weights[n::-1])[finite[:n + 1]].sum() / weights[n::-1][finite[:n + 1]].sum()
                                        for n in range(len(losses)) if finite[n]])
                numpy.testing.assert_allclose(numpy.array(found["smoothed"])[finite], smoothed, rtol=1e-9)
                least = numpy.minimum.accumulate(smoothed)
                spreads = numpy.sqrt([((losses[finite] - smoothed)[:n + 1] ** 2).mean() for n in range(len(smoothed))])
                violent = numpy.array([(losses[max(0, n - 9):n + 1] > 4 * least[min(n, len(least) - 1)]).sum() >= 5 for n in range(len(smoothed))])
                over = numpy.flatnonzero(violent | (smoothed > 2 * least) & (smoothed > least + 2 * spreads))
                diverged = values[over[0]] if len(over) else values[-1] if curve["endedNonFinite"] else None
                self.assertEqual(found.get("divergedAt"), diverged)
                if "suggestion" not in found:
                    continue
                value = found["suggestion"]["value"]
                ascending = values[-1] > values[0]
                if found["suggestion"]["rule"] == "thirdOfDivergence":
                    expected = diverged / 3 if ascending else diverged * 3
                else:
                    h = max(1, len(losses) // 20)
                    lowest = h + int(numpy.argmin(smoothed[h:]))
                    slopes = [smoothed[i + h] - smoothed[i - h] for i in range(h, min(lowest, len(smoothed) - 1 - h) + 1)]
                    expected = values[h + int(numpy.argmin(slopes))]
                self.assertAlmostEqual(value / expected, 1, delta=0.06)
        self.assertEqual(run.digests(), before)


if __name__ == "__main__":
    unittest.main()
