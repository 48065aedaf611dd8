"""Figures are never cut off: in tables on a terminal, with any names, and for losses of any size."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unicodedata
import unittest

from program import ProgramTest
from screen import PROGRAM

NAMES = ["a-lane-with-a-name-of-very-many-words-that-says-nothing-of-any-use-to-anybody-at-all",
         "二値化されたニューラルネットワークの学習曲線"]


def columns(text):
    """The width of a text in columns; East Asian wide characters have two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


class FiguresTest(ProgramTest):
    def on_terminal(self, width, *arguments):
        """The lines that a command writes to a terminal of this width."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        with subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=slave,
                              stderr=subprocess.DEVNULL, env=self.environment()) as process:
            os.close(slave)
            text = b""
            while True:
                try:
                    part = os.read(master, 65536)
                except OSError:
                    break
                if not part:
                    break
                text += part
            self.assertEqual(process.wait(), 0)
        os.close(master)
        return text.decode().replace("\r", "").splitlines()

    def train(self, keys="method: baseline, hidden: [8]"):
        lanes = "".join(f"  - {{name: {name}, {keys}, batchSize: 500, epochs: 1, optimizer: sgd, learningRate: 0.01}}\n"
                        for name in NAMES)
        path = self.write("experiment.yaml", f"name: names\ndataset: digits\nlanes:\n{lanes}")
        return self.signflip("train", path, "--headless")

    def test_long_names_leave_figures_in_their_columns(self):
        done = self.train()
        self.assertEqual(done.returncode, 0, done.stderr)
        for width in (80, 120):
            for command in (["runs"], ["runs", "show", "last"], ["runs", "compare", "last"]):
                lines = self.on_terminal(width, *command)
                percents = 0
                for line in lines:
                    if "/" in line or "seed" in line:
                        # Paths and the run's heading have their own lines.
                        continue
                    self.assertLessEqual(columns(line), width, f"{command} in {width}: {line}")
                    percents += len(re.findall(r"\d+\.\d\d %(?!\S)", line))
                self.assertGreaterEqual(percents, 2, f"{command} in {width}:\n" + "\n".join(lines))
        # A pipe gets the full names, in aligned columns.
        shown = self.signflip("runs", "show", "last").stdout
        rows = [line for line in shown.splitlines() if line.startswith(tuple(NAMES)) and "SHA" not in line][:2]
        self.assertEqual(len(rows), 2, shown)
        starts = {columns(row[:row.index("%")]) for row in rows}
        self.assertEqual(len(starts), 1, shown)

    def test_a_huge_loss_is_written_with_an_exponent(self):
        # Sums of many signs, without normalizations between the layers.
        done = self.train("method: binaryConnect, hidden: [256, 256, 256], batchNormalization: false, loss: squaredHinge")
        losses = re.findall(r"(?:loss|validation) (\S+)", done.stderr)
        self.assertGreater(len(losses), 1, done.stderr)
        self.assertTrue(any("e" in loss for loss in losses), losses)
        for loss in losses:
            self.assertLessEqual(len(loss), 11, losses)


if __name__ == "__main__":
    unittest.main()
