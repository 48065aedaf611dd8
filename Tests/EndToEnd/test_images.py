"""Images on the screen of weights, in a terminal that says that it draws them by Kitty's protocol, and in others."""
import base64
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

from program import ProgramTest
from screen import PROGRAM

PLACED = re.compile(rb"\x1b_Ga=T,([^;]*);([^\x1b]*)\x1b\\")
REMOVED = re.compile(rb"\x1b_Ga=d,d=I,i=(\d+),q=2\x1b\\")


class FakeTerminal:
    """A pseudo-terminal that answers the questions of the program."""

    def __init__(self, environment, *arguments, draws_images=True):
        self.output, self.draws_images = bytearray(), draws_images
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execve(PROGRAM, [PROGRAM, *arguments], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with contextlib.suppress(OSError):
            while part := os.read(self.terminal, 1 << 16):
                if self.draws_images and b"a=q" in part:
                    os.write(self.terminal, b"\x1b_Gi=31;OK\x1b\\")
                self.output += part
                os.write(self.terminal, b"\x1b[0n" * part.count(b"\x1b[5n"))

    def close(self):
        """Hangs up, as a terminal that is closed does. A descriptor that a thread reads stays open."""
        os.kill(self.process, signal.SIGHUP)
        os.waitpid(self.process, 0)
        os.close(self.terminal)

    def press(self, keys):
        os.write(self.terminal, keys)

    def standing(self):
        """The images that are now on the screen: by number their keys and pixels."""
        images = {}
        for found in re.finditer(PLACED.pattern + b"|" + REMOVED.pattern, bytes(self.output), re.DOTALL):
            if found[3]:
                images.pop(int(found[3]), None)
            else:
                keys = dict(part.split("=") for part in found[1].decode().split(","))
                images[int(keys["i"])] = (keys, found[2])
        return images


class ImagesTest(ProgramTest):
    def open(self, *arguments, draws_images=True, **environment):
        settings = self.environment(TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8", **environment)
        for name in ("TMUX", "STY"):
            settings.pop(name, None)
        settings.update(environment)
        terminal = FakeTerminal(settings, "train", "digits-quick", "--epochs", "100000", *arguments,
                                draws_images=draws_images)
        self.addCleanup(terminal.close)
        self.wait_until("lanes", lambda: b"epoch" in terminal.output)
        terminal.press(b"8")
        self.wait_until("weights", lambda: b"latent beside sign" in terminal.output)
        return terminal

    def test_units_are_images_of_every_pixel(self):
        terminal = self.open()
        # Fifteen units at this size, their latent weights beside their signs.
        images = self.wait_until("images", lambda: len(terminal.standing()) == 30 and terminal.standing())
        for keys, data in images.values():
            self.assertEqual(len(base64.b64decode(data)), 3 * int(keys["s"]) * int(keys["v"]))
            self.assertEqual((int(keys["s"]), int(keys["v"])), (2 * int(keys["c"]), 4 * int(keys["r"])))
        # They change while the lane trains.
        count = len(PLACED.findall(bytes(terminal.output)))
        self.wait_until("newer images", lambda: len(PLACED.findall(bytes(terminal.output))) > count + 5)
        # What lies over them takes them off, and another screen has none.
        terminal.press(b"?")
        self.wait_until("help over images", lambda: len(terminal.standing()) < len(images))
        terminal.press(b"\x1b")
        self.wait_until("images", lambda: len(terminal.standing()) == len(images))
        terminal.press(b"4")
        self.wait_until("no images", lambda: not terminal.standing())
        terminal.press(b"8")
        self.wait_until("images", lambda: len(terminal.standing()) == len(images))
        # A resize leaves none from before.
        fcntl.ioctl(terminal.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.wait_until("images in the smaller window", lambda: 0 < len(terminal.standing()) < len(images))
        terminal.press(b"q")
        self.wait_until("the question", lambda: b"Stop" in terminal.output)
        terminal.press(b"l")
        self.wait_until("no images", lambda: not terminal.standing())

    def test_other_terminals_get_blocks(self):
        for arguments, environment, draws_images in [
                ((), {}, False), (("--no-images",), {}, True), ((), {"TMUX": "/tmp/x,1,0"}, True)]:
            with self.subTest(arguments=arguments, environment=environment):
                terminal = self.open(*arguments, draws_images=draws_images, **environment)
                time.sleep(3)
                self.assertNotIn(b"a=T", terminal.output)
                self.assertIn("▀".encode(), terminal.output)
                if draws_images:
                    self.assertNotIn(b"\x1b_G", terminal.output)
                self.end_engines()  # They would slow the next one.
        folder = os.path.join(self.folder, "config", "signflip")
        os.makedirs(folder)
        with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as file:
            file.write("images: off\n")
        terminal = self.open(XDG_CONFIG_HOME=os.path.join(self.folder, "config"))
        time.sleep(3)
        self.assertNotIn(b"a=T", terminal.output)


if __name__ == "__main__":
    unittest.main()
