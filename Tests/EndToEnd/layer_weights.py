"""Computes the answer to `readWeights` in NumPy, from a checkpoint, as the page Diagnostics.md defines it."""
import base64

import numpy as np

from network_diagnosis import D, Diagnosis

BINS = 80


def quantized_levels(diagnosis, layer):
    """b: signs, ternary values, or whole numbers of few bits."""
    w = diagnosis.tensors[layer["name"] + ".weights"]
    if layer["weights"]["kind"] == "standardizedSign":
        return np.where(w < w.mean(1, dtype=D, keepdims=True).astype(np.float32), -1.0, 1.0)
    return np.sign(diagnosis.weights(layer))


class Layer:
    """A layer's weights in a checkpoint."""

    def __init__(self, path, name):
        self.diagnosis = Diagnosis(path)
        stored, self.state = self.diagnosis.stored, self.diagnosis.state
        self.plan, self.layer = self.diagnosis.plan, self.find(self.diagnosis.network["layers"], name)
        self.optimizer, self.name = self.plan["optimizer"], name
        self.kind = "float"
        if self.layer["weights"]["kind"] != "float":
            self.kind = "moving" if self.optimizer["kind"] == "bop" else "latent"
        self.w = stored[name + ".weights"]
        self.first, self.second = (stored.get(f"{name}.weights.{part}Moment") for part in ("first", "second"))
        self.flips = stored.get(name + ".weights.flipCounts")
        self.is_standardized = self.layer["weights"]["kind"] == "standardizedSign"
        self.u = self.shown(self.w.astype(D))
        if self.kind == "moving":
            self.u = np.zeros_like(self.w) if self.first is None else self.first

    def find(self, layers, name):
        return next(layer for layer in layers if layer["name"] == name)

    def shown(self, w):
        if not self.is_standardized:
            return w
        return (w - w.mean(1, keepdims=True)) / self.diagnosis.deviation(w)

    def update_scale(self):
        """Glorot's factor of updates of binary weights."""
        if not self.plan["network"].get("scalesUpdates") or self.kind == "float":
            return 1
        windows = self.layer.get("windows")
        places = np.prod(windows["kernel"]) if windows else 1
        return 1 / np.sqrt(1.5 / (self.w.shape[1] + places * len(self.w)))

    def changes(self):
        """Δw of the newest update, from the moments that it left behind; None without moments."""
        if self.first is None or self.kind == "moving":
            return None
        optimizer, rate, scale = self.optimizer, self.state["latest"]["learningRate"], self.update_scale()
        first = self.first.astype(D)
        if optimizer["kind"] == "sgd":
            return -rate * scale ** 2 * first
        decay = optimizer["decay"]
        if optimizer["kind"] in ("adam", "bop"):
            second = np.sqrt(self.second.astype(D)) / np.sqrt(1 - decay["second"])
            return -rate * scale / (1 - decay["first"]) * first / (second + optimizer["epsilon"])
        if optimizer["kind"] == "adaMax":
            return -rate * scale / (1 - decay["first"]) * first / self.second
        power = lambda x: 2.0 ** np.round(np.log2(np.where(x > 0, x, 1))) * (x > 0)
        return -power(np.array(rate / (1 - decay["first"]))) * scale * first / (power(self.second.astype(D)) + 2 ** -27)

    def histogram(self, bound):
        values = self.u.astype(D).ravel()
        if self.kind == "moving":
            values = (self.u * np.where(self.w < 0, -1, 1) / np.float32(self.optimizer["flipThreshold"])).astype(D).ravel()
        places = np.clip(np.floor((values + bound) * (BINS / (2 * bound))), 0, BINS - 1).astype(int)
        return np.bincount(places, minlength=BINS), values

    def check(self, test, answer):
        """Compares an answer of the engine."""
        place = answer["layers"][answer["place"]]
        test.assertEqual((place["name"], place["kind"], [place["units"], place["inputs"]]),
                         (self.name, self.kind, list(self.w.shape)))
        bound = answer["histogram"]["upperBound"]
        test.assertEqual(answer["histogram"]["lowerBound"], -bound)
        clip = answer.get("clip")
        if self.kind == "moving":
            test.assertEqual(bound, 2)
        elif clip is not None:
            test.assertAlmostEqual(bound, self.optimizer["clipValue"], delta=1e-6)
        else:
            test.assertAlmostEqual(bound, np.abs(self.u).max(), delta=1e-5 * bound)
        test.assertEqual(clip is not None, self.kind == "latent" and self.layer["weights"]["kind"] in ("sign", "ternary"))
        counts, values = self.histogram(bound)
        found = np.array(answer["histogram"]["counts"])
        test.assertEqual(found.sum(), self.w.size)
        # Rounding moves values from a bin to the next only at their edge.
        test.assertLessEqual(np.abs(np.cumsum(found) - np.cumsum(counts)).max(), max(2, self.w.size // 2000))
        b = None if self.kind == "float" else quantized_levels(self.diagnosis, self.layer)
        if self.kind == "moving":
            test.assertAlmostEqual(answer["nearShare"], (values > 0.5).mean(), delta=2 / self.w.size)
        changes = self.changes()
        if self.kind == "latent" and changes is not None:
            moved = changes
            if self.is_standardized:
                moved = self.shown(self.w.astype(D)) - self.shown(self.w.astype(D) - changes)
            mean = np.abs(moved).mean()
            test.assertAlmostEqual(answer["reach"]["mean"], mean, delta=2e-3 * mean)
            test.assertAlmostEqual(answer["reach"]["share"], (np.abs(self.u) <= mean).mean(), delta=2e-3)
        else:
            test.assertNotIn("reach", answer)
        if self.layer["weights"]["kind"] == "ternary" and self.kind == "latent":
            test.assertAlmostEqual(answer["zeroBand"], np.abs(self.u)[b == 0].max(initial=0), delta=1e-6)
        else:
            test.assertNotIn("zeroBand", answer)
        if self.kind == "float":
            test.assertNotIn("figures", answer)
        else:
            for key, value in self.diagnosis.weight_figures(self.layer).items():
                if not isinstance(value, dict):
                    test.assertAlmostEqual(answer["figures"][key], float(value), delta=1e-6, msg=key)
        if self.flips is not None:
            np.testing.assert_allclose(answer["inputFlips"], self.flips.mean(0, dtype=D), rtol=1e-6)
        self.check_pictures(test, answer["pictures"], bound if self.kind != "moving" else np.abs(self.u).max() or 1, b)
        if "weight" in answer:
            weight = answer["weight"]
            place = weight["unit"], weight["input"]
            test.assertAlmostEqual(weight["value"], float(self.u[place]), delta=1e-5 * (abs(float(self.u[place])) + 1e-3))
            test.assertEqual(weight.get("level"), None if b is None else float(b[place]))
            test.assertEqual(weight.get("flips"), None if self.flips is None else int(self.flips[place]))
            if changes is not None and self.kind == "latent" and not self.is_standardized:
                test.assertAlmostEqual(weight["change"], changes[place], delta=1e-3 * abs(changes[place]) + 1e-12)
        return b

    def check_pictures(self, test, pictures, bound, b):
        first, count = pictures["firstUnit"], pictures["count"]
        rows = slice(first, first + count)
        values = np.frombuffer(base64.b64decode(pictures["values"]), np.uint8).reshape(count, -1).astype(int)
        expected = np.clip(np.round(127.5 + 127.5 * self.u[rows].astype(D) / bound), 0, 255)
        test.assertLessEqual(np.abs(values - expected).max(), 1)
        test.assertGreaterEqual(pictures["width"] * pictures["height"] * pictures["channels"], self.w.shape[1])
        test.assertEqual("levels" in pictures, b is not None)
        if b is not None:
            levels = np.frombuffer(base64.b64decode(pictures["levels"]), np.uint8).reshape(count, -1)
            np.testing.assert_array_equal(np.sign(levels.astype(int) - 128), np.where(b[rows] == 0, 0, b[rows]))
