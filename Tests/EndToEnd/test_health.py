"""The health watch: each bad configuration raises its alarm soon after its onset, and good ones raise none."""
import json
import random
import re
import struct
import unittest

from recorded import RecordedRunTest

HEAD = "name: {name}\nvalidation: {validation}\nseed: 3\ndefaults: {{hidden: [32], epochs: {epochs}, batchSize: 50, precision: float32, loss: crossEntropy}}\nlanes:\n"

GOOD = [
    "{name: baseline, method: baseline, dropout: 0.2}",
    "{name: binary, method: binaryConnect, outputNormalization: true}",
    "{name: drawn, method: binaryConnect, binarization: stochastic, outputNormalization: true}",
    "{name: bnn, method: bnn, outputNormalization: true}",
    "{name: bop, method: bnn, optimizer: bop, flipThreshold: 1e-5, gamma: 1e-3, outputNormalization: true}",
    "{name: ternary, method: ternary, outputNormalization: true}",
    "{name: recu, method: reCU, outputNormalization: true}",
]

# (lane, rule, epoch of the onset, hyperparameter that is offered)
BAD = [
    ("{name: hot, method: baseline, batchNormalization: false, optimizer: sgd, momentum: 0.9, learningRate: 3}",
     {"divergence", "notFinite", "plateau"}, 0, "learningRate"),
    ("{name: slow, method: bnn, outputNormalization: true, batchNormalizationMomentum: 0.9999}",
     {"normalizationLag"}, 0, "batchNormalizationMomentum"),
    ("{name: narrow, method: bnn, outputNormalization: true, steWindow: 0.01}", {"closedGates"}, 0, "steWindow"),
    ("{name: raw, method: bnn, batchNormalization: false, steWindow: 0.05}", {"closedGates"}, 0, "steWindow"),
    ("{name: still, method: binaryConnect, outputNormalization: true, learningRate: 1e-9, schedule: constant}",
     {"frozenLayer"}, 0, "learningRate"),
    ("{name: strict, method: bnn, optimizer: bop, flipThreshold: 0.9, outputNormalization: true}",
     {"frozenLayer"}, 0, "flipThreshold"),
    ("{name: tight, method: binaryConnect, outputNormalization: true, clipValue: 0.01, learningRate: 0.1}", {"clippedLayer"}, 0, "clipValue"),
    ("{name: storm, method: binaryConnect, outputNormalization: true, learningRate: 1, schedule: constant}",
     {"flipStorm"}, 0, "learningRate"),
    ("{name: restless, method: bnn, optimizer: bop, flipThreshold: 0, gamma: 0.5, outputNormalization: true}",
     {"flipStorm"}, 0, "flipThreshold"),
]

STEERED = [
    ("late", "{name: late, method: baseline, schedule: constant, optimizer: sgd, batchNormalization: false}",
     "steering:\n  - lane: late\n    step: 190\n    set: {learningRate: 10}\n", {"divergence", "notFinite"}, 5, "learningRate"),
]


class HealthTest(RecordedRunTest):
    def health(self, name, lanes, *more, validation=1000, epochs=4):
        text = HEAD.format(name=name, validation=validation, epochs=epochs) + "".join(f"  - {lane}\n" for lane in lanes)
        done = self.signflip("train", self.write(f"{name}.yaml", text), "--dataset", self.images, "--json", "--threads", "1",
                             "--runs", self.runs, *more)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(lines[-1]["event"], "finished", done.stderr)
        found = [line for line in lines if line["event"] == "health"]
        for line in found:
            # Standard error says the same.
            self.assertIn(line["message"], done.stderr)
        return found

    def check(self, line, rules, onset, offered):
        self.assertIn(line["rule"], rules)
        self.assertLessEqual(line["epoch"], onset + 2)
        self.assertLessEqual(line["since"], line["step"])
        self.assertTrue(line["figures"])
        if offered and line["rule"] != "notFinite":
            self.assertEqual(line["suggestion"]["hyperparameter"], offered)
            self.assertIn(f"try {offered} ", line["message"])

    def test_good_configurations_raise_no_alarm(self):
        self.assertEqual(self.health("good", GOOD, epochs=6), [])

    def test_bad_configurations_raise_their_alarm(self):
        first = self.health("bad", [lane for lane, *_ in BAD])
        for lane, rules, onset, offered in BAD:
            name = re.search("name: ([a-z]+)", lane)[1]
            with self.subTest(lane=name):
                lines = [line for line in first if line["lane"] == name]
                named = [line for line in lines if line["rule"] in rules]
                self.assertTrue(named, lines)
                self.check(named[0], rules, onset, offered)
                # A rule that has reported stays quiet.
                self.assertEqual(len({line["rule"] for line in lines}), len(lines))
        # The same seed gives the same reports of each lane, in the same order.
        def ordered(lines):
            return sorted(lines, key=lambda line: line["lane"])
        self.assertEqual(ordered(self.health("again", [lane for lane, *_ in BAD])), ordered(first))
        # They are recorded.
        self.assertEqual(sorted(self.recorded(self.newest_run())),
                         sorted((line["lane"], line["rule"], line["step"], line["since"]) for line in first))

    @staticmethod
    def recorded(run):
        """(lane, rule, step, since) of each recorded finding."""
        rows = (json.loads(text) for text, in run.rows("SELECT json FROM events WHERE kind = 'health' ORDER BY sequence"))
        return [tuple(row["finding"][key] for key in ("lane", "rule", "step", "since")) for row in rows if "finding" in row]

    def test_a_resumed_run_remembers_what_was_seen(self):
        self.relabel(1)
        # As the watch stays quiet longer after each report, few of them mean that it remembers.
        lane = "{name: noise, method: binaryConnect, outputNormalization: true, schedule: constant}"
        path = self.write("memory.yaml", HEAD.format(name="memory", validation=1000, epochs=320) + f"  - {lane}\n")
        words = ("train", path, "--dataset", self.images, "--json", "--threads", "1", "--runs", self.runs)
        done = self.signflip(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = self.recorded(self.newest_run())
        self.assertGreater(len(expected), 3)
        process = self.start(*words)
        for line in process.stdout:
            if '"plateau"' in line:
                break
        run = self.newest_run()
        self.assertEqual(self.signflip("stop", "--suspend", run.name).returncode, 0)
        process.communicate(timeout=60)
        before = self.recorded(run)
        self.assertLess(len(before), len(expected), "the run was suspended before its end")
        done = self.signflip("resume", run.directory, "--headless", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.recorded(run), expected)

    def relabel(self, share):
        """Gives this share of the training images labels without a pattern."""
        draw = random.Random(5)
        drawn = bytes(draw.randrange(10) if draw.random() < share else image % 10 for image in range(3000))
        self.write("images/train-labels-idx1-ubyte", struct.pack(">II", 0x801, 3000) + drawn)

    def test_few_images_are_learned_by_heart(self):
        self.relabel(0.5)
        lines = self.health("few", ["{name: few, method: baseline, hidden: [256], schedule: constant}"], validation=2500, epochs=30)
        self.assertEqual({line["rule"] for line in lines}, {"overfitting"})
        self.assertEqual(lines[0]["suggestion"], {"hyperparameter": "dropout", "value": 0.2})
        figures = lines[0]["figures"]
        self.assertGreater(figures["validationLoss"], 1.1 * figures["lowestValidationLoss"])

    def test_a_change_that_goes_wrong_is_noticed(self):
        for name, lane, script, rules, onset, offered in STEERED:
            with self.subTest(name=name):
                path = self.write(f"{name}-steering.yaml", script)
                lines = self.health(name, [lane], "--steer", path, epochs=8)
                self.assertTrue(lines)
                self.check(lines[0], rules, onset, offered)
                self.assertGreaterEqual(lines[0]["epoch"], onset - 0.3)

    def test_after_a_divergence_no_larger_steps_are_offered(self):
        # Without batch normalization, one large update switches every ReLU off: from then on no gradient reaches the weights.
        lane = "{name: off, method: binaryConnect, batchNormalization: false, optimizer: sgd, learningRate: 0.001, schedule: constant}"
        script = self.write("off-steering.yaml", "steering:\n  - lane: off\n    step: 190\n    set: {learningRate: 1}\n")
        lines = self.health("off", [lane], "--steer", script, epochs=12)
        first = next(line for line in lines if line["rule"] == "divergence")
        later = [line for line in lines[lines.index(first):] if line["rule"] in ("plateau", "frozenLayer")]
        self.assertTrue(later, lines)
        for line in later:
            self.assertIn(f"since step {first['since']}, and the network has not recovered; rewind to that step", line["message"])
            self.assertLess(line["suggestion"]["value"], 1, line["message"])

    def test_labels_without_a_pattern_are_a_plateau(self):
        self.relabel(1)
        lines = self.health("noise", ["{name: noise, method: binaryConnect, outputNormalization: true}"])
        self.assertIn("plateau", [line["rule"] for line in lines])
        self.assertLessEqual(lines[0]["epoch"], 2)

    def test_the_summary_repeats_them(self):
        text = HEAD.format(name="table", validation=1000, epochs=2) + f"  - {BAD[2][0]}\n"
        done = self.signflip("train", self.write("table.yaml", text), "--dataset", self.images, "--headless", "--threads", "1",
                             "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("health: closed gates: lane narrow, layer hidden1.normalization: ", done.stdout)


if __name__ == "__main__":
    unittest.main()
