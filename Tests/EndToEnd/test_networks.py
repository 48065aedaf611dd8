"""Custom networks on custom images: costs, errors, and training."""
import json
import os
import random
import unittest

from program import ProgramTest

LANES = """
defaults:
  epochs: 3
  batchSize: 20
  network:
    - convolution: {filters: 12, kernel: 3}
    - maxPool: 2
    - batchNormalization
    - activation
    - convolution: 16
    - batchNormalization
    - activation
    - flatten
    - linear: classes
lanes:
  - {name: baseline, method: baseline}
  - {name: bnn, method: bnn, floatLayers: [first, last]}
  - {name: xnor, method: xnorNet, floatLayers: [first]}
  - {name: bop, method: bnn, optimizer: bop, gamma: 1e-2, flipThreshold: 1e-4}
"""


class NetworksTest(ProgramTest):
    def table(self, name, rows, bad=None):
        """CSV of 8x8 images of four classes, each with another bright quarter."""
        draw = random.Random(name)
        lines = []
        for row in range(rows):
            pixels = [draw.randrange(120) for _ in range(64)]
            for y in range(4):
                for x in range(4):
                    pixels[(row % 4 // 2 * 4 + y) * 8 + row % 2 * 4 + x] += 100
            lines.append(",".join(map(str, [row % 4, *pixels])))
        if bad is not None:
            lines[bad] = "1,2,3"
        os.makedirs(os.path.join(self.folder, "table"), exist_ok=True)
        self.write(os.path.join("table", name), "\n".join(lines) + "\n")

    def train(self, text, *arguments):
        path = self.write("mine.yaml", text)
        return self.signflip("train", path, "--dataset", os.path.join(self.folder, "table"), "--json", "--no-record",
                             *arguments)

    def test_every_method_learns_images_from_a_table(self):
        self.table("train.csv", 400)
        self.table("test.csv", 100)
        done = self.train("normalization: channels\naugmentation: {crop: 1, cutout: 2}" + LANES)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([lane["network"] for lane in lines[0]["lanes"]], ["8×8×1·12c3·16c3·4"] * 4)
        for lane in lines[-1]["lanes"]:
            self.assertGreater(lane["testAccuracy"], 0.9, lane)
        again = self.train("normalization: channels\naugmentation: {crop: 1, cutout: 2}" + LANES, "--lanes", "bnn,xnor")
        result = {lane["lane"]: lane["weightsSHA256"] for lane in json.loads(again.stdout.splitlines()[-1])["lanes"]}
        before = {lane["lane"]: lane["weightsSHA256"] for lane in lines[-1]["lanes"]}
        self.assertEqual(set(result), {"bnn", "xnor"})
        for name, digest in result.items():
            self.assertEqual(digest, before[name], name)

    def test_what_does_not_fit_is_refused_before_training(self):
        self.table("train.csv", 40)
        self.table("test.csv", 20)
        for old, new, message in (
                ("    - flatten\n", "", "lane baseline: layer output: expected a flat input"),
                ("maxPool: 2", "maxPool: 9", "layer conv1.pool: expected images of at least 9×9, found 8×8×12"),
                ("linear: classes", "linear: 5", "expected one output per class (4)"),
                ("    - maxPool: 2\n    - batchNormalization\n    - activation\n",
                 "    - activation\n    - maxPool: 2\n", "lane bnn: layer conv1.pool: expected floats: pool before the sign")):
            with self.subTest(new=new):
                self.assertIn(old, LANES)
                self.check_refused(self.train(LANES.replace(old, new)), message)

    def test_a_broken_table_is_told_with_its_line(self):
        self.table("train.csv", 40, bad=17)
        self.table("test.csv", 20)
        self.check_refused(self.train(LANES), "train.csv: expected 65 values in row 18, found 3")

    def test_what_networks_cost(self):
        done = self.signflip("networks")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("convnet-50-100-200", done.stdout)
        done = self.signflip("networks", "show", "convnet-50-100-200", "--float", "first,last")
        self.assertRegex(done.stdout, r"(?m)^conv2 +binary 100 × 3×3 same, \+1 around +16×16×100 +45,000 .* 11,520,000 +signs$")
        self.assertIn("1,387,400 of floats, 24,640,000 of signs", done.stdout)
        done = self.signflip("networks", "show", "cnv", "--eight-bit", "first")
        self.assertRegex(done.stdout, r"(?m)^conv1 +8-bit 64 × 3×3 valid .* 2.0 kB +1,555,200 +floats and few bits$")
        self.assertIn("a binary weight takes 1 bit, a quantized weight takes 8, and each row", done.stdout)
        self.check_refused(self.signflip("networks", "show", "cnv", "--eight-bit", "first", "--float", "first"),
                           "expected --eight-bit for layers without --float, found first")
        self.check_refused(self.signflip("networks", "show", "cnv", "--method", "baseline", "--eight-bit", "first"),
                           "--eight-bit for a binary method")
        done = self.signflip("networks", "show", "cnv", "--method", "baseline")
        self.assertIn("packed: a float weight takes 32 bits.", done.stdout)
        path = self.write("layers.yaml", self.signflip("networks", "show", "cnv", "--yaml").stdout)
        self.assertEqual(self.signflip("networks", "show", path).stdout, self.signflip("networks", "show", "cnv").stdout)
        self.check_refused(self.signflip("networks", "show", "nope"), "unknown network “nope”; expected one of lenet-5")
        self.check_refused(self.signflip("networks", "show", "cnv", "--input", "8x8x3"),
                           "layer conv3: expected images of at least 3×3")
        self.check_refused(self.signflip("networks", "show", "cnv", "--input", "8x8"), "HEIGHTxWIDTHxCHANNELS")


if __name__ == "__main__":
    unittest.main()
