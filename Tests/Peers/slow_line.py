#!/usr/bin/env python3
"""Measures the output of the live screen during training, and the response time to a key on a slow connection.

The program trains in a pseudo-terminal whose other end takes so many bytes a second, and answers status reports (DSR) as
it comes to them, or never. First come the bytes a second on a line that is fast, then the seconds from a key to the first
cell that answers it, and to the whole answer, on a slow one. One JSON object is printed a measurement.
"""
import argparse
import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import sys
import tempfile
import termios
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[()].|[=>78M])")


class Line:
    """A training with the live screen, on a simulated connection."""

    def __init__(self, options, size, rate, answers):
        self.folder = tempfile.TemporaryDirectory()
        self.rate, self.answers = rate, answers
        self.output = bytearray()
        self.asked = 0
        command, environment = self.arguments(options)
        self.environment = environment
        width, height = size
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
            os.execve(options.program, command, environment)
        threading.Thread(target=self.read, daemon=True).start()

    def arguments(self, options):
        """The command and its environment."""
        command = [options.program, "train", options.preset, "--epochs", "100000", *options.set]
        if options.data:
            command += ["--data", options.data]
        environment = dict(os.environ, SIGNFLIP_RUNS=self.folder.name, TERM=options.term, LC_ALL="C.UTF-8",
                           XDG_RUNTIME_DIR=self.folder.name)
        environment.pop("COLORTERM", None)
        return command, environment

    def read(self):
        part = 65536 if not self.rate else max(1, self.rate // 20)
        with contextlib.suppress(OSError):
            while bytes_read := os.read(self.terminal, part):
                self.output += bytes_read
                if self.rate:
                    time.sleep(len(bytes_read) / self.rate)
                asked = self.output.count(b"\x1b[5n")
                if self.answers and asked > self.asked:
                    os.write(self.terminal, b"\x1b[0n" * (asked - self.asked))
                self.asked = asked

    def text(self, begin=0):
        """The output from this position on, without cursor movements and colours."""
        return SEQUENCE.sub(b"", bytes(self.output[begin:]))

    def wait_for(self, text, begin=0, timeout=60):
        """The time at which `text` arrived; ends the program if it does not arrive."""
        end = time.monotonic() + timeout
        while text not in self.text(begin):
            if time.monotonic() > end:
                self.end()
                sys.exit(f"the screen did not show {text!r} within {timeout} s")
            time.sleep(0.01)
        return time.monotonic()

    def bytes_per_second(self, seconds):
        begin = len(self.output)
        time.sleep(seconds)
        return (len(self.output) - begin) / seconds

    def answer(self, key, text):
        """The seconds from a key until `text` is on the screen."""
        begin = len(self.output)
        pressed = time.monotonic()
        os.write(self.terminal, key)
        return self.wait_for(text, begin) - pressed

    def end(self):
        mark = f"SIGNFLIP_RUNS={self.folder.name}".encode()
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/environ", "rb") as file:
                    if mark in file.read().split(b"\0"):
                        os.kill(int(name), signal.SIGKILL)
        os.waitpid(self.process, 0)
        with contextlib.suppress(OSError):
            self.folder.cleanup()


@contextlib.contextmanager
def line(options, size, rate, answers):
    result = Line(options, size, rate, answers)
    try:
        result.wait_for(b"epoch")
        time.sleep(options.wait)
        yield result
    finally:
        result.end()


def measure(options):
    for size in options.sizes:
        name = f"{size[0]}x{size[1]}"
        for answers in (True, False):
            with line(options, size, None, answers) as fast:
                sent = fast.bytes_per_second(options.seconds)
            print(json.dumps({"size": name, "answersStatusReports": answers, "bytesPerSecond": round(sent)}), flush=True)
        for answers in (True, False) if options.rate else ():
            with line(options, size, options.rate, answers) as slow:
                times = {}
                for screen in options.screens:
                    os.write(slow.terminal, screen.encode())
                    # The whole screen is several thousand bytes.
                    time.sleep(options.settle)
                    for _ in range(options.keys):
                        times.setdefault(screen, []).append(slow.answer(b"q", b"eave"))
                        os.write(slow.terminal, b"\x1b")
                        time.sleep(4)
                help_shown = slow.answer(b"?", b"search")
            print(json.dumps({
                "size": name, "answersStatusReports": answers, "lineBytesPerSecond": options.rate,
                "secondsToConfirmation": {screen: [round(each, 2) for each in taken] for screen, taken in times.items()},
                "secondsToHelp": round(help_shown, 2)}), flush=True)


def size(text):
    width, _, height = text.partition("x")
    return int(width), int(height)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "signflip"))
    parser.add_argument("--preset", default="fashion-quick")
    parser.add_argument("--data", help="where the data sets are")
    parser.add_argument("--set", action="extend", nargs="*", default=[], help="more arguments of signflip train")
    parser.add_argument("--term", default="xterm-256color")
    parser.add_argument("--sizes", type=size, nargs="*", default=[(80, 24), (120, 40), (200, 60)])
    parser.add_argument("--rate", type=int, default=2000, help="bytes a second of the slow line; 0 leaves it out")
    parser.add_argument("--wait", type=float, default=20, help="seconds of training before anything is measured")
    parser.add_argument("--seconds", type=float, default=20, help="seconds over which bytes are counted")
    parser.add_argument("--screens", default="1", help="the screens on which a key is pressed, by their keys: 12345")
    parser.add_argument("--settle", type=float, default=5, help="seconds on a screen before a key is pressed")
    parser.add_argument("--keys", type=int, default=3, help="how often a key is pressed")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
