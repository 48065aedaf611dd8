"""Questions and messages of the screen: downloads from the launcher, recordings, engines that do not respond."""
import gzip
import hashlib
import json
import os
import random
import re
import signal
import socket
import struct
import time
import unittest

from mirror import Mirror
from screen import PROGRAM, Home, Terminal

NAMES = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
TRAIN = f"{PROGRAM} train digits-quick --set hidden=[16] --epochs 1000"


def files():
    """A small MNIST whose images are noise, which gzip can't compress."""
    found = {}
    for name in NAMES:
        count = 700 if name.startswith("train") else 100
        if "labels" in name:
            content = struct.pack(">II", 0x801, count) + bytes(place % 10 for place in range(count))
        else:
            content = struct.pack(">IIII", 0x803, count, 28, 28) + random.Random(name).randbytes(count * 784)
        found[name] = gzip.compress(content, mtime=0)
    return found


class Client:
    """A script that communicates with an engine."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.say({"hello": {"protocol": 1, "client": "test", "points": "none", "history": False}})
        self.welcome = json.loads(self.lines.readline())["welcome"]

    def say(self, message):
        self.socket.sendall((json.dumps(message) + "\n").encode())

    def wait(self, condition):
        """The first matching message, and those before it."""
        before = []
        for line in self.lines:
            before.append(json.loads(line))
            if condition(before[-1]):
                return before[-1], before
        raise AssertionError(f"the engine has gone; it said {before}")

    def close(self):
        self.lines.close()
        self.socket.close()


class DialogTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)

    def open(self, command, wait, **settings):
        terminal = Terminal(self.home, **settings)
        self.addCleanup(terminal.close)
        terminal.run(f"cd ~; clear; {command}")
        terminal.wait_for(wait, 60)
        return terminal

    def client(self):
        folder = os.path.join(self.home.sockets, "signflip")
        client = Client(os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith(".sock"))))
        self.addCleanup(client.close)
        return client

    def mirror(self, files):
        mirror = Mirror({f"/m/{name}": content for name, content in files.items()})
        self.addCleanup(mirror.close)
        return mirror

    # Downloads

    def launcher(self, **settings):
        """The launcher with an experiment selected that needs MNIST, which is missing."""
        terminal = self.open(PROGRAM, "mnist-quick", environment=dict(no_proxy="*"), **settings)
        for _ in range(20):
            if re.search("▸ mnist-quick", terminal.text()):
                break
            terminal.keys("Down")
            time.sleep(0.1)
        terminal.wait_for("▸ mnist-quick +.*needs mnist")
        return terminal

    def test_a_missing_data_set_is_got_from_the_launcher(self):
        terminal = self.launcher()
        terminal.wait_for("d download mnist")
        self.assertNotIn("enter start", terminal.text())
        terminal.keys("Enter")
        terminal.wait_for("d downloads it, 11.6 MB")
        content = files()
        mirror = self.mirror(content)
        client = self.client()
        ask = {"command": "download", "dataset": "mnist", "from": f"{mirror.address}/m/",
               "sha256": [hashlib.sha256(data).hexdigest() for data in content.values()]}
        # Slowly, so that the progress is visible. Escape cancels it.
        mirror.misbehave(dict(rate=100_000))
        client.say({"id": 1, **ask})
        terminal.wait_for(r"mnist ━*─* +\d+ % .*/s.*esc ends it")
        terminal.keys("d")
        terminal.wait_for("mnist is being downloaded")
        terminal.keys("Escape")
        ended, before = client.wait(lambda message: message.get("event") == "downloadEnded")
        self.assertEqual((ended["id"], ended["client"], ended["dataset"], ended["wasCancelled"]),
                         (1, client.welcome["client"], "mnist", True))
        standings = [message["snapshot"]["download"] for message in before
                     if "download" in message.get("snapshot", {})]
        self.assertGreater(max(standing["received"] for standing in standings), 0)
        terminal.wait_until("the bar's end", lambda: "esc ends it" not in terminal.text())
        folder = os.path.join(self.home.path, "signflip", "datasets", "mnist")
        part = os.path.getsize(os.path.join(folder, NAMES[0] + ".part"))
        self.assertGreater(part, 0)

        # The next download resumes; the list is updated, and the experiment can start.
        client.say({"id": 2, **ask})
        ended, _ = client.wait(lambda message: message.get("event") == "downloadEnded")
        self.assertEqual(ended["folder"], folder)
        self.assertNotIn("failure", ended)
        self.assertEqual(mirror.ranges(NAMES[0]), [None, part])
        terminal.wait_for("▸ mnist-quick(?!.*needs)")
        terminal.keys("Enter")
        terminal.wait_for("▶ (training|validating)", 60)
        terminal.wait_for("MNIST|mnist")

    def test_what_is_wrong_is_told_in_place(self):
        terminal = self.launcher(width=100, height=30)
        wrong = {name: b"x" * 30 for name in NAMES}
        mirror = self.mirror(wrong)
        terminal.run(f":download mnist {mirror.address}/m/")
        terminal.wait_for(r"✗ mnist was not downloaded \(d tries again\)")
        terminal.wait_for("expected 9912422 bytes")
        terminal.keys("Escape")
        terminal.wait_until("the end of that", lambda: "tries again" not in terminal.text())
        terminal.run(":download mnist /nowhere/at/all")
        terminal.wait_for("no such file")
        terminal.run(":download digits")
        terminal.wait_for("digits is here already: built in")
        client = self.client()
        for name, words in (("emnist", "expected one of mnist"), ("digits", "expected one of mnist")):
            client.say({"id": 5, "command": "download", "dataset": name})
            refused, _ = client.wait(lambda message: message.get("event") == "refused")
            self.assertIn(words, refused["reason"])
        client.say({"id": 6, "command": "cancelDownload"})
        client.wait(lambda message: message.get("event") == "refused" and message["id"] == 6)

    # Recordings

    def test_a_recording_is_not_rewound(self):
        done = self.home.signflip("train", "digits-quick", "--set", "hidden=[16]", "--epochs", "2", "--headless")
        self.assertEqual(done.returncode, 0, done.stderr)
        run = self.home.runs()[0]
        terminal = self.open(f"{PROGRAM} view last", "recording")
        terminal.keys("c")
        terminal.wait_for("checkpoints ")
        for key in ("Enter", "f"):
            terminal.keys(key)
            terminal.wait_for(f"signflip resume {run}")
            self.assertNotRegex(terminal.text(), "Rewind|fork .* with")
        terminal.keys("Escape")
        terminal.wait_until("the list's end", lambda: "checkpoints ─" not in terminal.text())
        terminal.keys("q")
        terminal.wait_for("^ready>")

    # Engines

    def test_an_engine_that_does_not_answer(self):
        terminal = self.open(TRAIN, r"epoch +(?!0/)\d+/")
        engine = next(iter(self.home.engines()))
        os.kill(engine, signal.SIGSTOP)
        try:
            terminal.wait_for("The engine has not answered", 30)
            terminal.keys("s", "S", "x", "Right", "C")
            terminal.wait_for("nothing was sent")
            self.assertNotIn("Stop ", terminal.text())
            terminal.keys("q")
            terminal.wait_for("l leave +n stay")
            terminal.keys("Escape")
            terminal.wait_until("the answer", lambda: "n stay" not in terminal.text())
        finally:
            os.kill(engine, signal.SIGCONT)
        terminal.wait_until("the engine", lambda: "does not answer" not in terminal.text())
        terminal.keys("Space")
        terminal.wait_until("both lanes paused", lambda: len(re.findall("[⏸‖] paused", terminal.text())) >= 2)
        # Keys typed in the meantime had no effect.
        terminal.keys("4")
        self.assertNotRegex(terminal.text(), "stopped|stepped")
        # A paused engine that does not respond is also reported, and the user can leave it.
        os.kill(engine, signal.SIGSTOP)
        try:
            terminal.wait_for("The engine has not answered", 30)
            terminal.keys("q")
            terminal.wait_for("l leave +n stay")
            terminal.keys("Enter")
            terminal.wait_for("training continues: signflip attach", 10)
        finally:
            os.kill(engine, signal.SIGCONT)

    def test_a_stopped_run_trains_no_more(self):
        terminal = self.open(TRAIN, r"epoch +(?!0/)\d+/")
        run = self.home.runs()[0]
        self.assertRegex(self.home.signflip("runs", "list").stdout, f"{run} .* training ")
        engine = next(iter(self.home.engines()))
        self.assertEqual(self.home.signflip("stop", "last").returncode, 0)
        # The engine is still running, because of the screen.
        os.kill(engine, 0)
        self.assertRegex(self.home.signflip("runs", "list").stdout, f"{run} .* stopped ")
        # Earlier, q would ask about lanes that are training. It still asks while a lane is being tested.
        terminal.wait_for("─ results ─")
        terminal.keys("q")
        terminal.wait_for("^ready>")


if __name__ == "__main__":
    unittest.main()
