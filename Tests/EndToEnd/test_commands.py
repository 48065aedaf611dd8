"""The `:` line in a real terminal: completion, the history of earlier sessions, copies."""
import os
import re
import stat
import unittest

from screen import PROGRAM, Home, Terminal


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.home.settings["XDG_STATE_HOME"] = os.path.join(self.home.path, "state")
        self.terminal = self.open()
        self.terminal.run(f"cd ~; {PROGRAM} train digits-quick --epochs 1000 --set hidden=[64]")
        self.terminal.wait_for(r"epoch +(?!0/)\d+/", 60)

    def open(self):
        terminal = Terminal(self.home)
        self.addCleanup(terminal.close)
        return terminal

    def command(self, text, terminal=None):
        terminal = terminal or self.terminal
        terminal.keys(":")
        terminal._tmux("send-keys", "-l", text)
        terminal.keys("Enter")

    def test_history_and_completion(self):
        terminal = self.terminal
        self.command("freeze")
        terminal.wait_for("picture frozen")
        other = self.open()
        other.run(f"{PROGRAM} attach")
        other.wait_for(r"epoch +\d+/")
        self.command("set binary.learningRate 4e-4", other)
        other.wait_for("learning rate .* → 4e-4")
        # A later session has the lines of both.
        third = self.open()
        third.run(f"{PROGRAM} attach")
        third.wait_for(r"epoch +\d+/")
        third.keys(":", "Up")
        third.wait_for(":set binary.learningRate 4e-4")
        third.keys("Up")
        third.wait_for(":freeze")
        third.keys("C-u")
        third._tmux("send-keys", "-l", "set binary.binarization s")
        third.keys("Tab")
        third.wait_for(":set binary.binarization stochastic")
        third.keys("C-u")
        third._tmux("send-keys", "-l", f"save {self.home.path}/so")
        third.wait_for("/sockets/")
        third.keys("Tab")
        third.wait_for(":save .*/sockets/")
        file = os.path.join(self.home.path, "state", "signflip", "history")
        with open(file) as lines:
            self.assertEqual(lines.read(), "freeze\nset binary.learningRate 4e-4\n")
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)

    def test_copies(self):
        terminal = self.terminal
        terminal._tmux("set-option", "-g", "set-clipboard", "on")
        self.command("copy figures")
        terminal.wait_for("sent to the terminal's clipboard: figures and hyperparameters, ")
        terminal.wait_until("the text", lambda: "  learningRate: " in terminal._tmux("show-buffer"))
        # Terminals take short texts only.
        terminal.wait_until("epoch 8", lambda: int(re.search(r"epoch +(\d+)/", terminal.text())[1]) >= 8, 90)
        self.command("copy charts")
        terminal.wait_for("saved in digits-quick-step.*-charts.tsv: .* rows of .* columns, steps 0–")
        files = [name for name in os.listdir(self.home.path) if name.endswith(".tsv")]
        self.assertEqual(len(files), 1)
        with open(os.path.join(self.home.path, files[0])) as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        self.assertEqual(rows[0][:2], ["step", "baseline.trainLoss"])
        self.assertTrue(all(len(row) == len(rows[0]) for row in rows))
        self.assertGreater(len(rows), 1000)
        float(rows[500][1])


if __name__ == "__main__":
    unittest.main()
