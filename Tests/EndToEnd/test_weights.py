"""`readWeights`: every figure equals an independent computation in NumPy, for a lane that trains and for a recorded run."""
import glob
import os
import time
import unittest

from layer_weights import Layer
from program import ProgramTest
from recorded import Recorded
from test_dialogs import Client

EXPERIMENT = """\
name: weighed
dataset: digits
validation: 200
seed: 3
defaults: {hidden: [24], batchSize: 50, epochs: 100000, precision: float32, loss: crossEntropy}
lanes:
  - {name: float, method: baseline}
  - {name: connect, method: binaryConnect, clipValue: 0.05}
  - {name: momentum, method: bnn, optimizer: sgd, momentum: 0.9, learningRate: 0.01}
  - {name: plain, method: bnn, optimizer: sgd, learningRate: 0.01}
  - {name: shifts, method: bnn, optimizer: shiftAdaMax}
  - {name: largest, method: bnn, optimizer: adaMax, floatLayers: [last]}
  - {name: bop, method: bnn, optimizer: bop, flipThreshold: 1e-5, gamma: 1e-3}
  - {name: ternary, method: ternary, weightScale: mean}
  - {name: recu, method: reCU}
  - name: conv
    method: xnorNet
    network:
      - convolution: {filters: 6, kernel: 5, border: valid}
      - maxPool: {size: 2}
      - batchNormalization
      - activation
      - convolution: {filters: 5, kernel: 3}
      - batchNormalization
      - activation
      - flatten
      - linear: classes
"""
LANES = ["float", "connect", "momentum", "plain", "shifts", "largest", "bop", "ternary", "recu", "conv"]


class WeightsTest(ProgramTest):
    def test_they_equal_numpy(self):
        process = self.start("train", self.write("weighed.yaml", EXPERIMENT), "--headless", "--threads", "1")
        name, = self.wait_until("a run", lambda: os.listdir(self.runs), process=process)
        sockets = os.path.join(self.runtime, "signflip", "*.sock")
        path, = self.wait_until("a socket", lambda: glob.glob(sockets), process=process)
        client = Client(path)
        self.addCleanup(client.close)
        self.number = 1000

        def read(lane, **message):
            self.number += 1
            time.sleep(0.012)  # at most 100 commands a second
            client.say({"id": self.number, "command": "readWeights", "lane": lane, **message})
            return client.wait(lambda heard: heard.get("id") == self.number)[0]

        client.wait(lambda heard: len(heard.get("snapshot", {}).get("lanes", [])) == len(LANES)
                    and all(lane["step"] > 60 for lane in heard["snapshot"]["lanes"]))
        # A lane that trains answers too.
        self.assertEqual(read("connect")["event"], "weightsRead")
        self.assertEqual(self.signflip("pause").returncode, 0)
        client.wait(lambda heard: heard.get("snapshot", {}).get("lanes")
                    and all(lane["state"] == "paused" for lane in heard["snapshot"]["lanes"]))
        for number, lane in enumerate(LANES):
            client.say({"id": 100 + number, "command": "checkpoint", "lane": lane})
            client.wait(lambda heard: (heard.get("event"), heard.get("lane"), heard.get("reason")) ==
                        ("checkpointed", lane, "asked") or heard.get("id") == 100 + number)
        run = Recorded(os.path.join(self.runs, name))
        for lane in LANES:
            default = read(lane)
            self.assertEqual(default["event"], "weightsRead", default)
            step = default["weights"]["step"]
            path, = glob.glob(os.path.join(run.directory, "checkpoints", f"{lane}-*-{step}.safetensors"))
            self.assertEqual(default["place"], 0)
            for place, layer in enumerate(default["layers"]):
                with self.subTest(lane=lane, layer=layer["name"]):
                    unit, input = layer["units"] - 1, layer["inputs"] // 3
                    answer = read(lane, layer=layer["name"], firstUnit=1, unitCount=3, unit=unit, input=input)
                    self.assertEqual((answer["event"], answer["place"], answer["request"]["unitCount"]), ("weightsRead", place, 3))
                    Layer(path, layer["name"]).check(self, answer)
                    # The same weight in each checkpoint.
                    points = []
                    for _, _, step, file in reversed(run.checkpoints(lane)):
                        stored = Layer(file, layer["name"])
                        if stored.kind == "moving" and stored.first is None:
                            continue
                        flips = {} if stored.flips is None else {"flips": int(stored.flips[unit, input])}
                        points.append((step, float(stored.u[unit, input]), flips))
                    course = answer["weight"]["course"]
                    self.assertEqual([point["step"] for point in course], [step for step, _, _ in points])
                    self.assertGreaterEqual(len(course), 1)
                    for point, (_, value, flips) in zip(course, points):
                        self.assertAlmostEqual(point["value"], value, delta=1e-5 * (abs(value) + 1e-3))
                        self.assertEqual({key: point[key] for key in ("flips",) if key in point}, flips)
            # From a checkpoint, by its step.
            first = run.checkpoints(lane)[-1]
            old = read(lane, branch=first[1], step=first[2])
            self.assertEqual(old["weights"]["step"], first[2])
            Layer(first[3], old["layers"][old["place"]]["name"]).check(self, old)
        for words, message in (("expected one of the layers hidden1, output, found “hidden2”", {"layer": "hidden2"}),
                               ("expected a checkpoint at one of the steps", {"step": 1}),
                               ("expected a unit from 0 to 23 and an input from 0 to 783, found 24 and 0", {"unit": 24, "input": 0})):
            refused = read("connect", **message)
            self.assertEqual((refused["event"], refused["work"]), ("deploymentFailed", "reading"), refused)
            self.assertIn(words, refused["reason"])
        self.assertIn("connect", read("connekt")["reason"])


if __name__ == "__main__":
    unittest.main()
