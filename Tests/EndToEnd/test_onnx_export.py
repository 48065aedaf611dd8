"""Trained networks of every method as ONNX and QONNX, run in stock ONNX Runtime and in qonnx."""
import json
import os
import subprocess
import sys
import unittest

from recorded import RecordedRunTest
from test_checkpoint_format import CONVOLUTIONS, PERCEPTRONS, RESIDUALS

class ONNXExportCase(RecordedRunTest):
    """Short trainings. The predictions of all test images and the logits of the golden samples are compared."""

    def check(self, experiment, dataset, images, labels, quantized):
        """Trains, exports each lane, and returns the results of Python by lane."""
        import numpy
        done = self.signflip("train", self.write("experiment.yaml", experiment), "--dataset", dataset, "--json",
                             "--threads", "2", "--runs", self.runs, timeout=1200)
        self.assertEqual(done.returncode, 0, done.stderr)
        lanes = [lane["lane"] for lane in json.loads(done.stdout.splitlines()[-1])["lanes"]]
        run, folder = self.newest_run().directory, os.path.join(self.folder, "exports")
        os.makedirs(folder)
        numpy.save(os.path.join(folder, "images.npy"), images)
        numpy.save(os.path.join(folder, "labels.npy"), labels)
        for lane in lanes:
            base = os.path.join(folder, lane)
            for form, suffix in (("packed", "signflip"), ("onnx", "onnx"), ("qonnx", "qonnx")):
                done = self.signflip("export", run, lane, "--format", form, "-o", f"{base}.{suffix}", timeout=1200)
                self.assertEqual(done.returncode, 0, f"{lane} {form}: {done.stderr}")
            done = self.signflip("eval", base + ".signflip", "--dataset", dataset, "--json", timeout=1200)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.write(base + ".json", done.stdout)
        script = os.path.join(os.path.dirname(__file__), "check_onnx.py")
        done = subprocess.run([sys.executable, script, folder, str(quantized)], capture_output=True, text=True,
                              timeout=3600)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        found = {line["name"]: line for line in map(json.loads, filter(lambda line: line.startswith("{"),
                                                                        done.stdout.splitlines()))}
        self.assertEqual(set(found), set(lanes))
        for lane, line in found.items():
            with self.subTest(lane=lane):
                self.assertEqual(line["domains"], [""])
                self.assertNotIn("Sign", line["operators"])
                self.assertEqual(line["classes"], [str(label) for label in range(10)])
                self.assertGreaterEqual(line["images"], 1000)
                # The compared predictions are not constant.
                self.assertGreater(line["predicted"], 1)
                self.assertLess(line["difference"], 1e-4)
                self.assertLess(line["quantizedDifference"], 1e-4)
                self.assertEqual(line["quantizedEqual"], quantized)
                # A float sum may be at a sign's threshold, and on its other side if added in another order.
                self.assertLessEqual(line["moved"], 2)
        return found

    def small(self, experiment, folder="images"):
        """The same on images of 12×12."""
        import checkpoint_network
        import numpy
        images = checkpoint_network.idx(self.images + "/t10k-images-idx3-ubyte")[..., numpy.newaxis]
        labels = checkpoint_network.idx(self.images + "/t10k-labels-idx1-ubyte")
        return self.check(experiment, self.images, images, labels, quantized=10)


class ONNXExportTest(ONNXExportCase):
    """The networks that take minutes; slower ones are in nightly_onnx_export.py."""

    def test_perceptrons_of_every_method(self):
        found = self.small(PERCEPTRONS)
        # From the pixels to the last normalization, these networks compute only integers, so logits are equal bit for bit.
        for lane in ("bnn", "bop", "recu"):
            self.assertEqual(found[lane]["moved"], 0)

    def test_convolutions_on_contrasts_with_a_border_of_ones(self):
        self.small(CONVOLUTIONS % ("gcn", "sameOne"))

    def test_residual_blocks_on_whitened_images(self):
        self.small(RESIDUALS)


if __name__ == "__main__":
    unittest.main()
