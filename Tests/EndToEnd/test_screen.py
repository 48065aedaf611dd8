"""What must hold of the live screen, seen in a real pseudo-terminal."""
import ctypes
import os
import pathlib
import re
import signal
import unittest

from screen import PROGRAM, Terminal

BRAILLE = re.compile("[\u2801-\u28ff]")
TRAIN = f"{PROGRAM} train digits-quick --epochs 1000"


class ScreenTest(unittest.TestCase):
    def setUp(self):
        self.terminal = Terminal()
        self.addCleanup(self.terminal.close)

    def start(self, command=TRAIN):
        self.terminal.run("cd ~; stty -a > before.txt; clear")
        self.terminal.wait_for("ready>")
        self.terminal.run(command)

    def start_training(self, command=TRAIN):
        self.start(command)
        self.terminal.wait_for(r"epoch\s+[1-9]\d*\s*/", 60)

    def check_restored(self):
        """The shell is back on its own screen, with its cursor and its modes."""
        terminal = self.terminal
        terminal.wait_until("the shell", lambda: terminal.process() is None)
        self.assertEqual(terminal.flag("alternate_on"), "0")
        self.assertEqual(terminal.flag("cursor_flag"), "1")
        self.assertEqual(terminal.flag("mouse_any_flag"), "0")
        terminal.run("clear; stty -a > after.txt; cmp before.txt after.txt && echo modes are the same")
        terminal.wait_for("^modes are the same")

    def test_a_session_from_start_to_quit(self):
        terminal = self.terminal
        self.start()
        # Never an empty screen: what is prepared is said at once.
        terminal.wait_for(r"preparing|reading|drawing|building", 10)
        terminal.wait_for(r"epoch\s+[1-9]", 60)
        self.assertGreater(len(BRAILLE.findall(terminal.text())), 20)
        before = BRAILLE.findall(terminal.text())
        terminal.wait_until("a moving curve", lambda: BRAILLE.findall(terminal.text()) != before)

        # A changed learning rate is acknowledged with its step, and marked on every chart of both lanes.
        terminal.run(":set learningRate 2e-4")
        terminal.wait_for(r"learning rate .*→ 2e-4.*step [\d,]+")
        terminal.wait_until("the marks", lambda: terminal.text().count("lr 2e-4") >= 4)

        # Pause, step, go on.
        terminal.keys("Space")
        terminal.wait_until("both lanes paused", lambda: len(re.findall("⏸ paused", terminal.text())) >= 2)
        terminal.keys("Space")
        terminal.wait_for("▶ (training|validating)")

        # Another theme changes the colours at once.
        colours = set(re.findall(r"\x1b\[[\d;]*m", terminal.colored()))
        terminal.run(":theme gruvbox-light")
        terminal.wait_until(
            "other colours", lambda: set(re.findall(r"\x1b\[[\d;]*m", terminal.colored())) - colours)

        for width, height in ((200, 60), (80, 24), (40, 10), (20, 5), (1, 1), (120, 40)):
            terminal.resize(width, height)
            terminal.wait_until(f"a frame of {width}x{height}", lambda: self.fills(width, height))

        # Leaving asks first.
        terminal.keys("q")
        terminal.wait_for(r"(?i)quit|leave|stop")
        terminal.keys("Escape")
        terminal.wait_for("▶ (training|validating)")
        terminal.keys("q")
        terminal.wait_for(r"(?i)quit|leave|stop")
        terminal.keys("y")
        terminal.wait_for(r"lane\s+test\s+best validation", 60)
        self.check_restored()

    def fills(self, width, height):
        lines = self.terminal.text().split("\n")
        words = sum(1 for line in lines if line.strip())
        if width == 1:
            return self.terminal.process() is not None
        return words >= min(height, 5) - 1 and max(len(line) for line in lines) <= width

    def test_the_launcher_starts_with_enter(self):
        self.start(PROGRAM)
        self.terminal.wait_for("digits-quick")
        self.terminal.keys("Enter")
        self.terminal.wait_for(r"epoch\s+[1-9]", 60)
        self.terminal.keys("q")
        self.terminal.wait_for(r"(?i)quit|leave|stop")
        self.terminal.keys("y")
        self.check_restored()

    def test_an_experiment_from_a_pipe(self):
        self.start_training(f"{PROGRAM} train <({PROGRAM} presets show digits-quick) --epochs 1000")
        self.terminal.keys("q")
        self.terminal.wait_for(r"(?i)quit|leave|stop")
        self.terminal.keys("y")
        self.terminal.wait_for(r"lane\s+test\s+best validation", 60)
        self.check_restored()

    def test_signals_give_the_terminal_back(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGABRT):
            with self.subTest(signal=number.name):
                self.start_training()
                os.kill(self.terminal.process(), number)
                self.check_restored()

    def test_a_trap_in_a_lane_gives_the_terminal_back(self):
        # What a trap in Swift raises, in the thread of a lane.
        libc = ctypes.CDLL(None, use_errno=True)
        self.start_training()
        process = self.terminal.process()
        lanes = [int(task) for task in os.listdir(f"/proc/{process}/task")
                 if pathlib.Path(f"/proc/{process}/task/{task}/comm").read_text().startswith("lane ")]
        self.assertEqual(len(lanes), 2)
        self.assertEqual(libc.syscall(234, process, lanes[0], int(signal.SIGILL)), 0)  # tgkill
        self.check_restored()

    def test_less_than_a_full_terminal(self):
        for environment in ({"NO_COLOR": "1"}, {"LC_ALL": "C"}, {"TERM": "xterm"}):
            with self.subTest(environment=environment):
                terminal = Terminal(environment=environment)
                self.addCleanup(terminal.close)
                terminal.run(TRAIN)
                terminal.wait_for(r"epoch\s+[1-9]", 60)
                if "NO_COLOR" in environment:
                    self.assertFalse(re.search(r"\x1b\[(?:\d+;)*(?:[34][0-8]|9\d|10\d)[;m]", terminal.colored()))
                terminal.keys("q")
                terminal.wait_for(r"(?i)quit|leave|stop")
                terminal.keys("y")
                terminal.wait_for("ready>", 60)


if __name__ == "__main__":
    unittest.main()
