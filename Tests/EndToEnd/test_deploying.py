"""The screen of a lane's packed network, on a running training: accuracy, speed, export; and the engine's commands for it."""
import json
import os
import unittest

from screen import PROGRAM, Home, Terminal
from test_dialogs import Client

TRAIN = f"{PROGRAM} train digits-quick --set hidden=[32] --lanes binary --epochs 1000"


class DeployTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)

    def open(self, command=TRAIN, wait="epoch 1 "):
        terminal = Terminal(self.home, width=120, height=40)
        self.addCleanup(terminal.close)
        terminal.run(f"cd ~; clear; {command}")
        terminal.wait_for(r"5 deploy", 60)
        return terminal

    def client(self):
        folder = os.path.join(self.home.sockets, "signflip")
        client = Client(os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith(".sock"))))
        self.addCleanup(client.close)
        return client

    def command(self, client, id, **message):
        client.say({"id": id, **message})
        return client.wait(lambda heard: heard.get("id") == id and heard.get("client") == client.welcome["client"])[0]

    def test_the_screen_of_a_running_training(self):
        terminal = self.open()
        terminal.keys("5")
        found = terminal.wait_for(r"accuracy +([\d.]+) % as trained, ([\d.]+) % packed +([\d,]+) of ([\d,]+) predictions equal", 60)
        # Ties of float sums, which are traced, may differ.
        self.assertAlmostEqual(float(found[1]), float(found[2]), delta=0.021)
        self.assertGreaterEqual(int(found[3].replace(",", "")) + 2, int(found[4].replace(",", "")))
        # Training goes on after it was held.
        before = self.client().wait(lambda heard: "snapshot" in heard)[0]["snapshot"]["lanes"][0]["step"]
        terminal.keys("m")
        terminal.wait_for("training is held")
        terminal.wait_for(r"1 image +[\d.]+ .s \(99 %: [\d.]+ .s\), float [\d.]+ .s +×", 60)
        terminal.wait_for(r"256 at once +[\d,]+ img/s, float [\d,]+ +×")
        watching = self.client()
        watching.wait(lambda heard: heard.get("snapshot", {}).get("lanes", [{}])[0].get("step", 0) > before)
        # The default name, in the directory of the screen.
        terminal.keys("o")
        terminal.wait_for("packed of binary to binary.signflip")
        terminal.keys("Enter")
        terminal.wait_for(r"([\d,]+) of \1 test predictions equal", 60)
        file = os.path.join(self.home.path, "binary.signflip")
        verified = self.home.signflip("model", "verify", file)
        self.assertEqual((verified.returncode, verified.stderr), (0, ""), verified.stdout)
        accuracy = json.loads(self.home.signflip("eval", file, "--json").stdout)["accuracy"]
        self.assertGreater(accuracy, 0.5)
        # It is there now.
        size = os.path.getsize(file)
        os.truncate(file, 3)
        terminal.keys("o", "Enter")
        terminal.wait_for("Replace .*binary.signflip")
        terminal.keys("Enter")
        terminal.wait_until("the question's end", lambda: "Replace" not in terminal.text())
        self.assertEqual(os.path.getsize(file), 3)
        terminal.keys("o", "Enter")
        terminal.wait_for("Replace .*binary.signflip")
        terminal.keys("y")
        terminal.wait_until("the file", lambda: os.path.getsize(file) == size)
        # In another format, to a path of the home directory.
        terminal.keys("t")
        terminal.wait_for("export +c ")
        terminal.keys("o")
        terminal.wait_for("c of binary to binary")
        terminal.keys("C-u")
        terminal.run("~/code")
        terminal.wait_until("the code", lambda: os.path.exists(os.path.join(self.home.path, "code", "code.c")))
        for width, height in [(200, 60), (80, 24), (60, 15), (40, 10), (20, 5)]:
            with self.subTest(width=width):
                terminal.resize(width, height)
                terminal.wait_for(r"÷\d")

    def test_a_recording_says_what_to_run(self):
        done = self.home.signflip("train", "digits-quick", "--set", "hidden=[16]", "--lanes", "binary", "--epochs", "1",
                                  "--headless")
        self.assertEqual(done.returncode, 0, done.stderr)
        terminal = self.open(f"{PROGRAM} view last")
        terminal.keys("5")
        terminal.wait_for(r"predictions equal", 60)
        line = terminal.wait_for(r"signflip (export \S+ binary -o) FILE")[1]
        done = self.home.signflip(*line.split(), os.path.join(self.home.path, "a.signflip"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_commands_of_a_script(self):
        terminal = self.open()
        client = self.client()
        client.wait(lambda heard: heard.get("snapshot", {}).get("lanes"))
        packed = self.command(client, 1, command="packLane", lane="binary")
        self.assertEqual(packed["event"], "lanePacked")
        self.assertEqual([layer["weights"] for layer in packed["layers"]], ["bits", "bits"])
        comparison = packed["comparison"]
        self.assertEqual(comparison["unexplainedCount"], 0)
        # Only ties of float sums may differ.
        self.assertLessEqual(comparison["count"] - comparison["equalCount"], min(2, comparison["tieCount"]))
        timed = self.command(client, 2, command="timeLane", lane="binary")
        self.assertEqual((timed["event"], timed["threads"], timed["batch"]), ("laneTimed", 1, 256))
        path = os.path.join(self.home.path, "a.onnx")
        exported = self.command(client, 3, command="exportLane", lane="binary", format="onnx", path=path)
        self.assertEqual((exported["event"], exported["files"]), ("laneExported", [path]))
        self.assertEqual(exported["bytes"], os.path.getsize(path))
        again = self.command(client, 4, command="exportLane", lane="binary", format="onnx", path=path)
        self.assertEqual((again["event"], again["existing"]["path"]), ("deploymentFailed", path))
        replaced = self.command(client, 5, command="exportLane", lane="binary", format="onnx", path=path, replace=True)
        self.assertEqual(replaced["event"], "laneExported")
        relative = self.command(client, 6, command="exportLane", lane="binary", format="onnx", path="a.onnx")
        self.assertEqual((relative["event"], relative["reason"]),
                         ("refused", "expected an absolute path, found “a.onnx”"))
        # A timing that is cancelled lets the lanes go on.
        client.say({"id": 7, "command": "timeLane", "lane": "binary"})
        client.wait(lambda heard: heard.get("snapshot", {}).get("deployment", {}).get("holdsTraining"))
        client.say({"id": 8, "command": "cancelDeployment"})
        failed, _ = client.wait(lambda heard: heard.get("id") == 7)
        self.assertEqual((failed["event"], failed["wasCancelled"]), ("deploymentFailed", True))
        client.wait(lambda heard: heard.get("snapshot", {}).get("lanes", [{}])[0].get("state") == "training")
        # A suspension does not wait for it.
        client.say({"id": 9, "command": "timeLane", "lane": "binary"})
        client.wait(lambda heard: heard.get("snapshot", {}).get("deployment", {}).get("holdsTraining"))
        client.say({"id": 10, "command": "suspend"})
        failed, _ = client.wait(lambda heard: heard.get("id") == 9)
        self.assertIn("suspended", failed["reason"])
        terminal.wait_for("suspended")


if __name__ == "__main__":
    unittest.main()
