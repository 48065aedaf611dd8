"""The effects of edits: what the program computes equals an independent computation in NumPy from the run's tables."""
import re
import unittest

from recorded import RecordedRunTest

EXPERIMENT = """\
name: edited
validation: 500
seed: 5
defaults: {hidden: [32], epochs: 4, batchSize: 50, precision: float32, schedule: constant}
lanes:
  - {name: binary, method: binaryConnect, outputNormalization: true}
  - {name: float, method: baseline}
"""

STEERING = """\
steering:
  - {lane: binary, step: 25, set: {learningRate: 1e-2}}
  - {lane: binary, step: 31, set: {learningRate: 1e-4}}
  - {lane: binary, step: 71, set: {clipValue: 0.5}}
  - {lane: float, step: 2, set: {learningRate: 1e-2}}
"""

EFFECT = re.compile(r"(\S+) → (\S+), (\S+?)(?: ± (\S+))? \((\S+) steps\)")


class EffectsTest(RecordedRunTest):
    def expected(self, run, lane, step, edits, last, epoch):
        """(before, after, standard error or None, steps), from the points of the database."""
        import numpy
        losses = dict(run.rows("SELECT step, value FROM metrics WHERE lane = ? AND metric = 'trainLoss'", lane))
        lower = max([edit for edit in edits if edit < step], default=0)
        upper = min([edit for edit in edits if edit > step], default=last)
        length = min(epoch, step - lower, upper - step)
        before = numpy.array([losses[place] for place in range(step - length + 1, step + 1)])
        after = numpy.array([losses[place] for place in range(step + 1, step + length + 1)])
        blocks = min(10, length // 2)
        error = None
        if blocks >= 4:
            bounds = [place * length // blocks for place in range(blocks + 1)]
            square = 0
            for window in (before, after):
                means = numpy.array([window[a:b].mean() for a, b in zip(bounds, bounds[1:])])
                square += means.var(ddof=1) / blocks
            error = numpy.sqrt(square)
        return before.mean(), after.mean(), error, length

    def test_effects_equal_numpy(self):
        done = self.signflip(
            "train", self.write("edited.yaml", EXPERIMENT), "--dataset", self.images, "--json", "--threads", "1",
            "--steer", self.write("steering.yaml", STEERING), "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        run = self.newest_run()
        shown = self.signflip("runs", "show", run.name, "--runs", self.runs)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        changes = run.changes()
        self.assertEqual(len(changes), 4)
        last = run.rows("SELECT max(step) FROM metrics WHERE lane = 'binary'")[0][0]
        epoch = last // 4
        for lane, _, step, *_ in changes:
            edits = [change[2] for change in changes if change[0] == lane]
            before, after, error, length = self.expected(run, lane, step, edits, last, epoch)
            line = next(line for line in shown.stdout.splitlines() if re.match(rf"{lane} +1 +{step} ", line))
            found = EFFECT.search(line)
            self.assertIsNotNone(found, line)
            self.assertEqual(int(found[5].replace(",", "")), length, line)
            self.assertAlmostEqual(float(found[1]), before, delta=1e-4 * (1 + before), msg=line)
            self.assertAlmostEqual(float(found[2]), after, delta=1e-4 * (1 + after), msg=line)
            self.assertAlmostEqual(float(found[3]), after - before, delta=1e-2 * abs(after - before) + 1e-9, msg=line)
            self.assertEqual(found[4] is None, error is None, line)
            if error is not None:
                self.assertAlmostEqual(float(found[4]), error, delta=0.06 * error + 1e-9, msg=line)
        # The page has the same figures.
        page = self.signflip("report", run.name, "--output", "-", "--runs", self.runs)
        self.assertEqual(page.returncode, 0, page.stderr)
        for line in shown.stdout.splitlines():
            found = EFFECT.search(line)
            if found:
                self.assertIn(found[0], page.stdout)


if __name__ == "__main__":
    unittest.main()
