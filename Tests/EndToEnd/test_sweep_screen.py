"""`signflip sweep attach` in a real terminal: a running and a finished sweep, with sorting, filters, stop, open and fork."""
import json
import os
import re
import signal
import subprocess
import unittest

from screen import PROGRAM, Home, Terminal

SWEEP = """\
experiment: digits-quick
sweep:
  lanes: [binary]
  epochs: {epochs}
  parameters:
    binary.learningRate: [0.001, 0.01]
    binary.hidden: [[8], [16]]
"""


class SweepScreenTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.folder = os.path.join(self.home.path, "rates")
        self.terminal = Terminal(self.home, 120, 40)
        self.addCleanup(self.terminal.close)

    def start(self, epochs, *arguments):
        file = os.path.join(self.home.path, "rates.yaml")
        with open(file, "w") as out:
            out.write(SWEEP.format(epochs=epochs))
        return subprocess.Popen([PROGRAM, "sweep", file, "-o", self.folder, *arguments],
                                env=dict(os.environ, **self.home.settings), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def attach(self):
        self.terminal.run(f"{PROGRAM} sweep attach {self.folder}")
        self.terminal.wait_for(r"1 trials +\d")

    def states(self):
        trials = json.loads(self.home.signflip("sweep", "status", self.folder, "--json").stdout)["trials"]
        return [trial["state"] for trial in trials]

    def first_row(self):
        """The number of the trial in the first row of the table."""
        lines = self.terminal.text().splitlines()
        header = next(place for place, line in enumerate(lines) if re.search(r"trial.*learningRate", line))
        return int(re.search(r"\d+", lines[header + 1])[0])

    def leave(self):
        self.terminal.keys("q")
        self.terminal.wait_for(r"^ready> *$")
        self.assertEqual(self.terminal.flag("alternate_on"), "0")
        self.assertEqual(self.terminal.flag("mouse_any_flag"), "0")

    def test_a_running_sweep(self):
        # Far more epochs than the test lasts.
        sweep = self.start(2000, "--workers", "1")
        self.addCleanup(lambda: (sweep.poll() is None and sweep.send_signal(signal.SIGINT), sweep.wait(60)))
        self.terminal.wait_until("the first epoch", lambda: os.path.exists(self.folder + "/trials/0001/record.json"))
        self.attach()
        self.terminal.wait_for(r"▶ training +0/4 trials")
        # It follows: the accuracy of the first trial comes by itself.
        self.terminal.wait_for(r"▶ +1 .* training .*\d\d\.\d\d %")
        self.terminal.keys("6")
        self.terminal.wait_for(r"process \d+ on ")
        self.terminal.wait_for(r"left with 1 worker")
        self.terminal.keys("1")
        # Enter opens the trial that trains; leaving it lets it train, and comes back.
        self.terminal.run(":open-trial 1")
        self.terminal.wait_for(r"epoch +\d+/2000|binary ── ")
        self.terminal.keys("q")
        self.terminal.wait_for("Leave while lanes are training")
        self.terminal.keys("l")
        self.terminal.wait_for(r"1 trials +\d")
        self.assertEqual(self.states()[0], "training")
        # Stop it: the next one starts.
        self.terminal.run(":stop-trial 1")
        self.terminal.wait_for("Stop trial 1")
        self.terminal.keys("y")
        self.terminal.wait_for(r"trial 1 is asked to stop")
        self.terminal.wait_for(r"■ +1 .* stopped", 60)
        self.terminal.wait_for(r"▶ +2 .* training", 60)
        # One that waits is never trained.
        self.terminal.run(":stop-trial 4")
        self.terminal.wait_for("Stop trial 4")
        self.terminal.keys("y")
        self.terminal.wait_for(r"■ +4 .* stopped")
        self.assertEqual(self.states()[::3], ["stopped", "stopped"])
        self.leave()
        # The screen's end ends nothing else.
        self.assertEqual(self.states()[1], "training")

    def test_a_finished_sweep(self):
        self.assertEqual(self.start(2, "--workers", "2").wait(300), 0)
        self.attach()
        self.terminal.wait_for(r"✓ finished +4/4 trials")
        self.terminal.run(":sort trial")
        self.terminal.wait_until("the first trial first", lambda: self.first_row() == 1)
        self.terminal.keys("s")
        self.terminal.wait_until("the last trial first", lambda: self.first_row() == 4)
        self.terminal.keys("/")
        self.terminal.wait_for("^ filter$")
        self.terminal.keys("-l", "learningRate<0.01 hidden=[8]")
        self.terminal.keys("Enter")
        self.terminal.wait_for("1 of 4")
        self.assertEqual(self.first_row(), 1)
        self.terminal.keys("Escape")
        self.terminal.wait_until("all trials", lambda: "1 of 4" not in self.terminal.text())
        # A recorded trial is opened, and left.
        self.terminal.keys("Enter")
        self.terminal.wait_for(r"recording")
        self.terminal.keys("q")
        self.terminal.wait_for(r"1 trials +\d")
        # What was chosen is still chosen.
        self.assertEqual(self.first_row(), 4)
        # Every size is drawn, and a smaller one after a larger one.
        for width, height in ((200, 60), (40, 10), (20, 5), (120, 40)):
            self.terminal.resize(width, height)
            self.terminal.wait_for(r"✓")
        # A fork is a run of its own; the sweep keeps its trials.
        self.terminal.run(":fork-trial 1 learningRate=0.02")
        name = self.terminal.wait_for(r"lane \S+ of the run (\S+), a copy, trains from step 0", 60)[1]
        self.assertEqual(name, "digits-quick-trial-0001-fork")
        self.assertEqual(self.home.runs(), [name])
        self.assertEqual(self.states(), ["finished"] * 4)
        self.terminal.run(":fork-trial 1 learningRat=0.02")
        self.terminal.wait_for("expected one of .*learningRate", 60)
        self.leave()

    def test_ctrl_c_and_a_signal_give_the_terminal_back(self):
        self.assertEqual(self.start(1, "--workers", "2").wait(300), 0)
        self.attach()
        self.terminal.keys("C-c")
        self.terminal.wait_for(r"^ready> *$")
        self.attach()
        os.kill(self.terminal.process(), signal.SIGTERM)
        self.terminal.wait_for(r"^ready> *$")
        self.assertEqual(self.terminal.flag("alternate_on"), "0")

    def test_mistakes_are_said(self):
        done = self.home.signflip("sweep", "attach", self.home.path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("expected the folder of a sweep, found no sweep.json in it", done.stderr)


if __name__ == "__main__":
    unittest.main()
