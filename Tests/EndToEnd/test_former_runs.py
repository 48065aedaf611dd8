"""A run recorded by an earlier version can be opened, resumed and replayed."""
import json
import os
import shutil
import unittest

from program import ProgramTest
from recorded import Recorded

# Recorded by version 0.1.0 with the seed 5: digits-quick with four hidden neurons and two epochs, and a steering script
# that changes the learning rate of both lanes. “baseline” has ended, “binary” was suspended at step 37 of 50.
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run-0.1.0")
# The results of the same program without the interruption, on the processor named in the run's record.
DIGESTS = {"baseline": "4479030d23de5c17d43fbf6991bce5e4f9a857967407a910ac0c66134aaf2049",
           "binary": "cea6091d6e56e14bf32da198da6e202f03dc27be6515493cfe8b52ed22aee0b1"}


class FormerRunTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.run_ = Recorded(os.path.join(self.runs, "20261130-022518-digits-quick"))
        shutil.copytree(FIXTURE, self.run_.directory)

    def document(self):
        done = self.signflip("runs", "export", "last", "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_it_is_shown(self):
        done = self.signflip("runs", "show", "last")
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in (r"baseline +float weights .* 50  finished +25\.73 % +26\.45 %  4479030d23de5c17",
                     r"binary +BinaryConnect, deterministic .* 37  interrupted",
                     r"binary +1 +20  learning rate 1e-3 → 2e-3  steering script",
                     r"baseline +1 +10  learning rate 1e-3 → 5e-4  steering script"):
            self.assertRegex(done.stdout, line)
        self.assertEqual(done.stdout.count("kB\n"), 7)
        document = self.document()
        steps = {(series["lane"], series["metric"]): series["steps"] for series in document["series"] if "layer" not in series}
        self.assertEqual(steps["baseline", "trainLoss"], list(range(1, 51)))
        self.assertEqual(steps["binary", "flipRate"], list(range(1, 38)))
        done = self.signflip("report", "last", "--output", "-")
        self.assertIn("4479030d23de5c17", done.stdout)

    def test_it_goes_on_and_is_replayed(self):
        done = self.signflip("resume", "last", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        digests = self.run_.digests()
        document = self.document()
        self.assertEqual([lane["state"] for lane in document["lanes"]], ["finished", "finished"])
        self.assertEqual(self.run_.points()["binary", 1, "trainLoss", None][-1][0], 50)
        done = self.signflip("replay", "last")
        # Other kinds of processors round differently: there, the run, half of which was trained on the original one,
        # differs from its replay.
        self.assertIn(done.returncode, (0, 1), done.stderr)
        for digest in digests.values():
            self.assertIn(digest, done.stdout)
        if document["environment"]["processor"] == self.processor() and self.has_avx512():
            self.assertEqual(digests, DIGESTS)
            self.assertEqual(done.stdout.count("the same"), 2, done.stdout)
        else:
            self.assertEqual(digests["baseline"], DIGESTS["baseline"])

    @staticmethod
    def processor():
        with open("/proc/cpuinfo") as facts:
            return next((line.partition(":")[2].strip() for line in facts if line.startswith("model name")), "")

    @staticmethod
    def has_avx512():
        with open("/proc/cpuinfo") as facts:
            return "avx512_vpopcntdq" in facts.read()


if __name__ == "__main__":
    unittest.main()
