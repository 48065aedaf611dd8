"""The lessons in a real terminal: a student does what is asked, leaves, and comes back."""
import contextlib
import os
import re
import time
import unittest

from screen import PROGRAM, Home, Terminal


class LearnTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.home.settings["XDG_STATE_HOME"] = os.path.join(self.home.path, "state")

    def open(self, *arguments, **size):
        terminal = Terminal(self.home, **size)
        self.addCleanup(terminal.close)
        terminal.run(" ".join([PROGRAM, "learn", *arguments]))
        return terminal

    def wait_for_no_engine(self):
        end = time.monotonic() + 30
        while (engines := self.engines()) and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(engines, [], "the engine of a lesson ends with it")

    def engines(self):
        found = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{process}/environ", "rb") as environment, open(f"/proc/{process}/cmdline", "rb") as command:
                    if self.home.path.encode() in environment.read() and b"\0engine\0" in command.read():
                        found.append(int(process))
        return found

    @staticmethod
    def words(terminal):
        """The words of the screen, as the panel breaks lines anywhere."""
        return re.sub(r"[\s│╭╮╰╯─]+", " ", terminal.text())

    def wait_for(self, terminal, text, seconds=60):
        terminal.wait_until(text, lambda: re.search(text, self.words(terminal)), seconds)

    def command(self, terminal, text):
        terminal.keys(":")
        terminal._tmux("send-keys", "-l", text)
        terminal.keys("Enter")

    def go_on(self, terminal, text):
        self.wait_for(terminal, "▸ Press “.” to (go on|open the next lesson|end the lessons)")
        terminal.keys(".")
        self.wait_for(terminal, text)

    def test_every_lesson_can_be_done(self):
        terminal = self.open(width=80, height=24)
        self.wait_for(terminal, "Press 3 to open the screen flips")
        self.wait_for(terminal, r"\d+/1000")
        terminal.keys("3")
        self.go_on(terminal, "press s three times")
        terminal.keys("Space")
        self.wait_for(terminal, "paused")
        for _ in range(3):
            terminal.keys("s")
        self.wait_for(terminal, r"Of 118,016 weights|Of 118,\d+ weights")
        self.go_on(terminal, "Press r to go on")
        # Left here, and resumed at the same task.
        terminal.keys("q")
        terminal.wait_for("signflip learn continues with lesson 1, task 3")
        self.assertIn("1  What a sign flip is   (next, task 3 of 3)", self.home.signflip("learn", "--list").stdout)
        self.wait_for_no_engine()
        terminal.run("clear")
        terminal.run(f"{PROGRAM} learn")
        self.wait_for(terminal, "Press r to go on")
        self.go_on(terminal, "its latent weight")

        self.wait_for(terminal, "Wait for the end of an epoch")
        terminal.keys("8")
        self.go_on(terminal, "learningRate 1e-5")
        self.command(terminal, "set learningRate 1e-5")
        self.go_on(terminal, "Press u to undo")
        terminal.keys("u")
        self.go_on(terminal, "learningRate 0.3")

        terminal.wait_until("an epoch", lambda: re.search(r"[1-9]\d*/1000", terminal.text()), 60)
        self.command(terminal, "set learningRate 0.3")
        self.go_on(terminal, "Press 4 to open the journal")
        terminal.keys("4")
        self.go_on(terminal, "Press u, and wait")
        terminal.keys("u")
        self.go_on(terminal, "Press 2 to see both lanes")

        terminal.keys("2")
        self.go_on(terminal, "stochastic.binarization deterministic")
        self.command(terminal, "set stochastic.binarization deterministic")
        self.go_on(terminal, "press 5 to pack the binary lane")

        terminal.wait_until("an epoch", lambda: re.search(r"[1-9]\d*/1000", terminal.text()), 60)
        terminal.keys("5")
        self.go_on(terminal, "Press m to measure")
        terminal.keys("m")
        self.go_on(terminal, "Press 6, wait")
        terminal.keys("6")
        terminal.wait_for("newest, step")
        terminal.keys("d")
        terminal.wait_for("erase")
        terminal.keys("Space", *["Down"] * 8)
        terminal.wait_until("answers", lambda: "%" in terminal.text())
        terminal.keys("Escape")
        self.wait_for(terminal, "binary takes it for a")
        terminal.keys(".")
        terminal.wait_for("These were the lessons")
        self.assertEqual(self.home.signflip("learn", "--list").stdout.count("(done)"), 5)
        self.wait_for_no_engine()

    def test_a_small_screen_and_wrong_arguments(self):
        terminal = self.open("4", width=40, height=10)
        self.wait_for(terminal, "▸ Press 2 to see both")
        terminal.keys("H")
        self.wait_for(terminal, "Two lanes train side by side")
        terminal.keys("Escape")
        # A key right after Escape would be a sequence with it.
        self.wait_for(terminal, "▸ Press 2 to see both")
        terminal.resize(120, 40)
        self.wait_for(terminal, "▸ Press 2 to see both lanes in one chart,")
        terminal.keys("q")
        terminal.wait_for("ready>")
        done = self.home.signflip("learn", "9")
        self.assertEqual(done.returncode, 64)
        self.assertIn("expected a lesson from 1 to 5, found 9", done.stderr)


if __name__ == "__main__":
    unittest.main()
