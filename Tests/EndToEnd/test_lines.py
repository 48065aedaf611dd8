"""The live screen on slow connections, and on terminals with missing capabilities.

The program runs in a pseudo-terminal whose other end is read by the test: as fast as a line would, with or without
answers to status reports. How much comes is compared, never how long it takes.
"""
import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time
import unittest

from screen import PROGRAM, Home, Terminal

SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[()].|[=>78M])")


class Line:
    """A program on a connection of `rate` bytes per second."""

    def __init__(self, home, arguments, rate=None, answers=False, term="xterm-256color", size=(120, 40)):
        self.rate, self.answers = rate, answers
        self.output = bytearray()
        self.asked = 0
        settings = dict(os.environ, **home.settings, TERM=term, LC_ALL="C.UTF-8")
        for name in ("TMUX", "COLORTERM", "NO_COLOR"):
            settings.pop(name, None)
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            # What the program saves goes into the current directory.
            os.chdir(home.path)
            os.execve(PROGRAM, [PROGRAM, *arguments], settings)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        with contextlib.suppress(OSError):
            while part := os.read(self.terminal, max(1, self.rate // 20) if self.rate else 65536):
                self.output += part
                if self.rate:
                    time.sleep(len(part) / self.rate)
                asked = self.output.count(b"\x1b[5n")
                if self.answers:
                    os.write(self.terminal, b"\x1b[0n" * (asked - self.asked))
                self.asked = asked

    def text(self, begin=0):
        return SEQUENCE.sub("", bytes(self.output[begin:]).decode(errors="replace"))

    def wait_for(self, pattern, begin=0, seconds=60):
        """Waits until the text was sent; returns the number of bytes received from `begin` on."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text(begin)):
            if time.monotonic() > end:
                raise AssertionError(f"“{pattern}” did not come in {seconds} s: {self.text(begin)[-2000:]}")
            time.sleep(0.02)
        return len(self.output) - begin

    def press(self, keys):
        """Types keys; returns the earliest position of the response."""
        begin = len(self.output)
        os.write(self.terminal, keys)
        return begin

    def close(self):
        # The reader keeps the terminal open until the program has ended.
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.process, signal.SIGHUP)
            os.waitpid(self.process, 0)
        self.thread.join(10)
        os.close(self.terminal)


class LineTests(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)

    def line(self, arguments, **options):
        line = Line(self.home, arguments, **options)
        self.addCleanup(line.close)
        return line

    def test_the_answer_to_a_key_waits_behind_little(self):
        for answers in (True, False):
            with self.subTest(answers=answers):
                line = self.line(["train", "digits-quick", "--epochs", "100000"], rate=3000, answers=answers)
                line.wait_for("epoch")
                # A terminal that does not reply is known to be slow once it accepts no more bytes; then the bytes in
                # transit must arrive.
                time.sleep(5 if answers else 35)
                begin = line.press(b"q")
                # The bytes in transit, at most one window, and the query.
                self.assertLess(line.wait_for("Leave while", begin), 3000)
                begin = line.press(b"\x1b")
                time.sleep(1)
                # The whole help is longer: its beginning is sent first.
                begin = line.press(b"?")
                self.assertLess(line.wait_for("type to search", begin), 3000)

    def test_a_terminal_that_answers_is_asked_and_one_that_cannot_is_not(self):
        self.home.signflip("train", "digits-quick", "--headless", "--epochs", "2")
        line = self.line(["view", "last"], answers=True)
        line.wait_for("recording")
        self.assertIn(b"\x1b[5n", line.output)
        # Its cursor sequences differ, so it would display the query.
        other = self.line(["view", "last"], term="vt52")
        other.wait_for("recording")
        self.assertNotIn(b"[5n", other.output)

    def test_the_terminals_own_modes_come_when_it_has_read_all(self):
        self.home.signflip("train", "digits-quick", "--headless", "--epochs", "1")
        line = self.line(["view", "last"], answers=True)
        line.wait_for("recording")
        # From here on, the test replies.
        line.answers = False
        line.press(b"q")
        end = time.monotonic() + 30
        while not re.search(rb"\x1b\[\?1049l.*\x1b\[5n", line.output, re.DOTALL) and time.monotonic() < end:
            time.sleep(0.002)
        # With them, Ctrl-C would make the kernel drop what is not read yet: the way back to the main screen.
        self.assertFalse(termios.tcgetattr(line.terminal)[3] & termios.ISIG)
        os.write(line.terminal, 3 * b"\x1b[0n")
        os.waitpid(line.process, 0)
        self.assertTrue(termios.tcgetattr(line.terminal)[3] & termios.ISIG)

    def test_no_answer_is_left_for_the_shell(self):
        self.home.signflip("train", "digits-quick", "--headless", "--epochs", "2")
        terminal = Terminal(self.home)
        self.addCleanup(terminal.close)
        for _ in range(3):
            terminal.run(f"{PROGRAM} view last")
            terminal.wait_for("recording")
            terminal.keys("2", "?")
            terminal.wait_for("search")
            terminal.keys("Escape")
            # A key immediately after it would be interpreted with Alt.
            terminal.wait_until("the end of the help", lambda: "search" not in terminal.text())
            terminal.keys("q")
            terminal.wait_for(r"^ready> *$")
        terminal.run("echo 'nothing' 'else'")
        terminal.wait_for("^nothing else")
        self.assertNotRegex(terminal.text(), r"\[0n|0n:|command not found")

    def test_the_console_gets_glyphs_that_it_has_and_no_false_word(self):
        self.home.signflip("train", "digits-quick", "--headless", "--epochs", "3")
        line = self.line(["view", "last"], term="linux")
        line.wait_for("recording")
        begin = line.press(b"y")
        line.wait_for("the clipboard does not take it", begin)
        self.assertEqual([name for name in os.listdir(self.home.path) if name.endswith("-figures.yaml")],
                         ["digits-quick-step1173-figures.yaml"])
        text = line.text()
        self.assertNotRegex(text, "[\u2800-\u28ff\u2580-\u2587\u2589-\u258f…‖⏸]")
        self.assertIn("─", text)
        self.assertNotIn(b"]52;", line.output)
        self.assertNotIn("copied", text)
        other = self.line(["view", "last"])
        other.wait_for("recording")
        begin = other.press(b"y")
        other.wait_for("sent to the terminal", begin)
        self.assertIn(b"\x1b]52;c;", other.output)

    def test_eight_colors_have_none_that_is_lost_on_white(self):
        self.home.signflip("train", "digits-quick", "--headless", "--epochs", "2")
        line = self.line(["view", "last"], term="xterm")
        line.wait_for("recording")
        used = set()
        for sequence in re.findall(rb"\x1b\[([0-9;]*)m", bytes(line.output)):
            used |= {int(part) for part in sequence.split(b";") if part}
        self.assertTrue(used & {31, 32, 34, 35, 36}, used)
        self.assertFalse(used & {30, 33, 37, *range(90, 98)}, used)


if __name__ == "__main__":
    unittest.main()
