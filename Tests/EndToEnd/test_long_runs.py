"""Runs of many steps: aggregation loses nothing."""
import base64
import json
import os
import socket
import struct
import unittest

from program import ProgramTest
from recorded import Recorded

EXPERIMENT = """\
name: long
dataset: digits
validation: 30000
defaults: {hidden: [2], batchSize: 2, epochs: 1000}
lanes:
  - {name: tiny, method: binaryConnect}
"""
# More points than the engine keeps in memory.
STEPS = 140_000


class LongRunTest(ProgramTest):
    def train(self):
        process = self.start("train", self.write("long.yaml", EXPERIMENT), "--headless", "--threads", "1")
        name, = self.wait_until("a run", lambda: os.listdir(self.runs), process=process)
        run = Recorded(os.path.join(self.runs, name))
        self.wait_until("a start", lambda: "started" in run.log(), process=process)
        self.wait_for(run, STEPS, process)
        return run, process

    def wait_for(self, run, steps, process):
        """Waits until this number of steps is recorded, and pauses the training."""
        self.wait_until(f"step {steps}", lambda: (run.rows("SELECT max(step) FROM steps")[0][0] or 0) >= steps,
                        seconds=240, process=process)
        self.assertEqual(self.signflip("pause").returncode, 0)

    def told(self, run, steps, **hello):
        """The points and sketches that a client receives up to `steps`: {(metric, layer): points} and {(metric, layer): sketch}."""
        path, = (os.path.join(self.runtime, "signflip", name) for name in os.listdir(self.runtime + "/signflip")
                 if name.endswith(".sock"))
        points, sketches, last = {}, {}, {}
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(120)
            connection.connect(path)
            connection.sendall(json.dumps({"hello": {"protocol": 1, "snapshots": False, **hello}}).encode() + b"\n")
            with connection.makefile("r") as lines:
                for line in lines:
                    message = json.loads(line)
                    key = (message.get("metric"), message.get("layer"))
                    if message.get("event") == "points":
                        if "packed" in message:
                            found = list(struct.iter_unpack("<If", base64.b64decode(message["packed"])))
                        else:
                            found = list(zip(message["steps"], message["values"], strict=True))
                        points.setdefault(key, []).extend(found)
                        last[key] = found[-1][0]
                    elif message.get("event") == "sketch":
                        self.assertNotIn(key, points)
                        sketches[key] = message
                        last[key] = message["steps"][-1]
                    training = [step for (metric, _), step in last.items() if "validation" not in metric]
                    if len(training) >= 7 and min(training) >= steps:
                        return points, sketches

    def stretch(self, **asked):
        """The engine's answer to a client that requests points of the lane."""
        path, = (os.path.join(self.runtime, "signflip", name) for name in os.listdir(self.runtime + "/signflip")
                 if name.endswith(".sock"))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(path)
            hello = {"protocol": 1, "snapshots": False, "history": False, "points": "numbers"}
            command = {"id": 7, "command": "points", "lane": "tiny", "branch": 1, **asked}
            connection.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in ({"hello": hello}, command)))
            with connection.makefile("r") as lines:
                for line in lines:
                    message = json.loads(line)
                    self.assertNotIn("error", message)
                    if message.get("event") == "stretch":
                        self.assertEqual(message["id"], 7)
                        self.assertEqual({key: message[key] for key in asked}, asked)
                        return message

    def test_a_long_run_is_watched_and_gone_on_with(self):
        run, process = self.train()
        # A script that requests all points gets them, including those that are no longer in the engine's memory.
        points, sketches = self.told(run, STEPS, points="packed")
        self.assertEqual(sketches, {})
        for key, series in points.items():
            if "validation" not in key[0]:
                self.assertEqual([step for step, _ in series], list(range(1, len(series) + 1)), key)
        # A screen gets a sketch of all points, and the newest ones unchanged.
        _, summed = self.told(run, STEPS, points="numbers", sketches=True)
        loss = summed["trainLoss", None]
        buckets = loss["buckets"]
        self.assertLessEqual(len(buckets["steps"]) + len(loss["steps"]), 17_000)
        self.assertEqual(sum(buckets["counts"]) + sum(buckets["nonFinite"]) + len(loss["steps"]), loss["steps"][-1])
        exact = dict(points["trainLoss", None])
        at, before = len(buckets["steps"]) // 2, len(buckets["steps"]) // 2 - 1
        values = [exact[step] for step in range(buckets["steps"][before] + 1, buckets["steps"][at] + 1)]
        self.assertEqual(len(values), buckets["counts"][at])
        # A float32 is written with its own digits.
        for value, told in ((min(values), "minimums"), (max(values), "maximums"), (sum(values), "sums")):
            self.assertAlmostEqual(value, buckets[told][at], 4)

        # A client that zooms in requests old and new points, and only this client gets them.
        for first, last in ((5, 12), (20_000, 30_000), (STEPS - 9, STEPS)):
            stretch = self.stretch(metric="trainLoss", first=first, last=last)
            self.assertEqual(stretch["steps"], list(range(first, last + 1)))
            for step, value in zip(stretch["steps"], stretch["values"]):
                self.assertAlmostEqual(exact[step], value, 5)
        self.assertEqual(self.stretch(metric="trainLoss", first=1, last=100_000)["steps"], list(range(1, 16_385)))
        self.assertEqual(self.stretch(metric="trainLoss", layer="none", first=1, last=9)["steps"], [])

        self.assertEqual(self.signflip("stop", "--suspend").returncode, 0)
        process.communicate(timeout=60)
        self.assertGreater(len(run.rows("SELECT series FROM sketches")), 6)
        recorded = run.points()["tiny", 1, "trainLoss", None]
        self.assertEqual([(step, value) for step, value in recorded[:STEPS]], points["trainLoss", None][:STEPS])
        end = recorded[-1][0]

        process = self.start("resume", run.directory, "--headless")
        self.wait_for(run, end + 2000, process)
        again, _ = self.told(run, end + 1000, points="packed")
        series = again["trainLoss", None]
        self.assertEqual([step for step, _ in series], list(range(1, len(series) + 1)))
        self.assertEqual(series[:STEPS], points["trainLoss", None][:STEPS])
        _, summed = self.told(run, end + 1000, points="numbers", sketches=True)
        loss = summed["trainLoss", None]
        self.assertEqual(sum(loss["buckets"]["counts"]) + len(loss["steps"]), loss["steps"][-1])

        # Killed and resumed again: each step is recorded once.
        self.end(process)
        last = run.rows("SELECT max(step) FROM steps")[0][0]
        process = self.start("resume", run.directory, "--headless")
        self.wait_for(run, last + 1000, process)
        self.assertEqual(self.signflip("stop", "--suspend").returncode, 0)
        steps = [step for step, _ in run.points()["tiny", 1, "trainLoss", None]]
        self.assertEqual(steps, list(range(1, len(steps) + 1)))
        self.assertEqual(run.check(), [("ok",)])


if __name__ == "__main__":
    unittest.main()
