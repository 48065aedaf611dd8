"""The engine's predictions, beside NumPy's of the checkpoint of the same step; and the screens of a live and a recorded run."""
import base64
import glob
import json
import os
import time
import unittest
import xml.etree.ElementTree

import numpy as np
from checkpoint_network import Checkpoint
from program import ProgramTest
from safetensors import safe_open
from screen import PROGRAM, Home, Terminal
from test_dialogs import Client

EXPERIMENT = """\
name: predicted
dataset: digits
validation: 200
seed: 3
defaults: {hidden: [24], batchSize: 50, epochs: 100000, precision: float32, loss: crossEntropy}
lanes:
  - {name: baseline, method: baseline}
  - {name: bnn, method: bnn}
  - {name: connect, method: binaryConnect, batchNormalization: false, learningRate: 0.01}
  - {name: bop, method: bnn, optimizer: bop}
"""


def softmax(logits):
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


class Newest(Checkpoint):
    """The newest weights of a checkpoint, or its latent weights."""

    def __init__(self, path, is_latent):
        super().__init__(path)
        with safe_open(path, "numpy") as file:
            self.tensors = {name: file.get_tensor(name) for name in file.keys() if not name.startswith("best.")}
        self.is_float = is_latent


class PredictionsTest(ProgramTest):
    def test_they_equal_numpy(self):
        process = self.start("train", self.write("predicted.yaml", EXPERIMENT), "--headless", "--threads", "1")
        name, = self.wait_until("a run", lambda: os.listdir(self.runs), process=process)
        sockets = os.path.join(self.runtime, "signflip", "*.sock")
        path, = self.wait_until("a socket", lambda: glob.glob(sockets), process=process)
        client = Client(path)
        self.addCleanup(client.close)

        def command(id, **message):
            client.say({"id": id, **message})
            return client.wait(lambda heard: heard.get("id") == id)[0]

        client.wait(lambda heard: len(heard.get("snapshot", {}).get("lanes", [])) == 4
                    and all(lane["step"] > 200 for lane in heard["snapshot"]["lanes"]))
        self.assertEqual(self.signflip("pause").returncode, 0)
        client.wait(lambda heard: heard.get("snapshot", {}).get("lanes")
                    and all(lane["state"] == "paused" for lane in heard["snapshot"]["lanes"]))
        for number, lane in enumerate(("baseline", "bnn", "connect", "bop")):
            client.say({"id": 100 + number, "command": "checkpoint", "lane": lane})
            client.wait(lambda heard: (heard.get("event"), heard.get("lane"), heard.get("reason")) ==
                        ("checkpointed", lane, "asked") or heard.get("id") == 100 + number)
        images, answers = [], []
        for image in range(200):
            answer = command(1000 + image, command="answerImage", image=image)
            time.sleep(0.012)  # at most 100 commands a second
            self.assertEqual((answer.get("event"), answer.get("imageCount")), ("imageAnswered", 200), answer)
            images.append(np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(28, 28, 1))
            answers.append(answer)
        images, labels = np.stack(images), [answer["label"] for answer in answers]
        for number, lane in enumerate(("baseline", "bnn", "connect", "bop")):
            with self.subTest(lane=lane):
                told = command(200 + number, command="classifyLane", lane=lane)
                step = told["weights"]["step"]
                path, = glob.glob(os.path.join(self.runs, name, "checkpoints", f"{lane}-*-{step}.safetensors"))
                found = [answer["answers"][number] for answer in answers]
                self.assertTrue(all((answer["lane"], answer["step"]) == (lane, step) for answer in found))
                expected = softmax(Newest(path, False).logits(images))
                np.testing.assert_allclose([answer["probabilities"] for answer in found], expected, atol=1e-5)
                predicted = expected.argmax(1)
                matrix = np.zeros((10, 10), int)
                np.add.at(matrix, (labels, predicted), 1)
                self.assertEqual(told["matrix"]["counts"], matrix.tolist())
                wrong = [image for image in range(200) if predicted[image] != labels[image]]
                self.assertEqual(sorted(mistake["image"] for mistake in told["mistakes"]), wrong)
                for mistake in told["mistakes"]:
                    self.assertAlmostEqual(mistake["probability"], expected[mistake["image"]].max(), delta=1e-5)
                shares = [mistake["probability"] for mistake in told["mistakes"]]
                self.assertEqual(shares, sorted(shares, reverse=True))
                # Only where batch normalization needs no estimated statistics can NumPy tell those of latent weights.
                self.assertEqual("latentMatrix" in told, lane in ("bnn", "connect"))
                if lane == "connect":
                    latent = softmax(Newest(path, True).logits(images))
                    np.testing.assert_allclose([answer["latentProbabilities"] for answer in found], latent, atol=1e-5)
                    np.add.at(matrix := np.zeros((10, 10), int), (labels, latent.argmax(1)), 1)
                    self.assertEqual(told["latentMatrix"]["counts"], matrix.tolist())
        # A drawn image of the same bytes.
        pixels = base64.b64encode(images[7].tobytes()).decode()
        drawn = command(5000, command="answerImage", pixels=pixels)
        self.assertEqual(drawn["answers"], answers[7]["answers"])
        self.assertNotIn("label", drawn)
        refused = command(5001, command="answerImage", pixels=pixels[:8])
        self.assertIn("expected 784 bytes, an image of 28×28, found 6", refused["reason"])


class ScreensTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)

    def open(self, command):
        terminal = Terminal(self.home, width=120, height=40)
        self.addCleanup(terminal.close)
        terminal.run(f"cd ~; clear; {command}")
        terminal.wait_for(r"6 predict", 60)
        # The first epoch is over.
        terminal.wait_for(r"acc\w* +[\d.]+ % +best", 60)
        return terminal

    def look(self, terminal):
        terminal.keys("6")
        terminal.wait_for(r"binary confusion", 60)
        accuracy = terminal.wait_for(r"([\d.]+) % +latent weights +[\d.]+ %")[1]
        terminal.wait_for(r"most confident first")
        first = terminal.wait_for(r"image ([\d,]+): \d")[1]
        terminal.keys("Down")
        terminal.wait_until("another mistake", lambda: f"image {first}: " not in terminal.text())
        terminal.keys("d")
        terminal.wait_for("arrows or mouse draw")
        terminal.keys("Space", "Down", "Down", "Down", "Right", "Right")
        terminal.wait_for(r"pen down")
        # Both lanes answer.
        terminal.wait_for(r"╭─ draw(.|\n)*baseline +\d \d+ %(.|\n)*binary +\d \d+ % +latent")
        terminal.keys("Escape")
        terminal.wait_until("the end of drawing", lambda: "─ draw" not in terminal.text())
        terminal.keys("7")
        terminal.wait_for(r"binary layers", 60)
        terminal.wait_for(r"hidden1\.norm +")
        terminal.wait_for(r"cos θ +0\.\d+")
        for width, height in [(200, 60), (80, 24), (60, 15), (40, 10), (20, 5), (120, 40)]:
            with self.subTest(width=width):
                terminal.resize(width, height)
                terminal.wait_for("hidden1")
        return float(accuracy)

    def test_saved_screens(self):
        terminal = self.open(f"{PROGRAM} train digits-quick --set hidden=[32] --epochs 1000")
        for suffix in ("svg", "ans", "txt"):
            terminal.keys("P")
            terminal.wait_for(r":save \S+-lanes\.svg")
            terminal.keys("C-u")
            terminal.run(f"save ~/screen.{suffix}")
            terminal.wait_for(rf"screen saved in \S+/screen\.{suffix}")
        with open(os.path.join(self.home.path, "screen.txt")) as file:
            self.assertRegex(file.read(), r"baseline(.|\n)*binary(.|\n)*learning rate")
        root = xml.etree.ElementTree.parse(os.path.join(self.home.path, "screen.svg")).getroot()
        self.assertEqual(root.get("viewBox"), f"0 0 {120 * 9} {40 * 18}")
        words = "".join(root.itertext())
        self.assertIn("baseline", words)
        with open(os.path.join(self.home.path, "screen.ans")) as file:
            self.assertIn("\x1b[0;", file.read())
        # An existing file stays.
        before = os.path.getsize(os.path.join(self.home.path, "screen.txt"))
        terminal.keys("P", "C-u")
        terminal.run("save ~/screen.txt")
        terminal.wait_for("not saved: ")
        self.assertEqual(os.path.getsize(os.path.join(self.home.path, "screen.txt")), before)
        terminal.keys("P", "C-u")
        terminal.run("save ~/screen.png")
        terminal.wait_for("expected a file ending in .svg, .ans or .txt")

    def test_a_running_training(self):
        terminal = self.open(f"{PROGRAM} train digits-quick --set hidden=[32] --epochs 1000")
        self.assertGreater(self.look(terminal), 20)

    def test_a_recorded_run(self):
        done = self.home.signflip("train", "digits-quick", "--set", "hidden=[32]", "--epochs", "2", "--headless", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        finished = json.loads(done.stdout.splitlines()[-1])
        best = next(lane["bestValidationAccuracy"] for lane in finished["lanes"] if lane["lane"] == "binary")
        terminal = self.open(f"{PROGRAM} view last")
        self.assertAlmostEqual(self.look(terminal), 100 * best, delta=0.011)
        terminal.keys("5")
        terminal.wait_for(r"predictions equal", 60)


if __name__ == "__main__":
    unittest.main()
