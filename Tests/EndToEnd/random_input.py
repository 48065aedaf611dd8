#!/usr/bin/env python3
"""Sends random input to the real program while it trains, and starts it anew whenever a key among it has ended it.

Usage: random_input.py [--bytes N | --events N] [--seed 1] [--program PATH]
  --bytes   fully random bytes
  --events  keys, mouse events, pastes and changes of the terminal's size, on all screens
The program must not crash, must answer again and again, and must leave the terminal as it was: modes, main screen, mouse off.
One JSON object tells the outcome, with the number of events of each kind; the exit status is 1 where something failed.
"""
import argparse
import collections
import contextlib
import fcntl
import json
import os
import pty
import random
import select
import signal
import struct
import sys
import tempfile
import termios
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TIOCGPTN = 0x80045430  # returns the number of the pseudo-terminal; not in Python's termios
SIZES = [(80, 24), (120, 40), (40, 10)]
KEYS = [f"\x1b[{end}".encode() for end in "ABCDHFZ"] + [f"\x1b[{n}~".encode() for n in (1, 3, 4, 5, 6, 15, 24)] + [
    b"\x1b[1;2C", b"\x1b[1;2D", b"\x1bOP", b"\r", b"\t", b"\x7f", b" ", b"\x0c", b"\x07", b"\x12"]
COMMANDS = ["axis time", "axis clock", "axis log", "charts loss:3 gradientNorm flipRate", "charts default", "lane binary",
            "set binary.learningRate 0.01", "set dropout 0.2", "epoch 3", "checkpoint", "image 17", "zoom-in", "zoom-out", "theme nord",
            "glyphs ascii", "glyphs braille", "mouse", "freeze", "help flips", "undo", "redo", "copy", "nonsense", "cursor-right 40"]


class Program:
    """The program in a pseudo-terminal, with its own runs."""

    def __init__(self, path, size):
        self.folder = tempfile.TemporaryDirectory()
        environment = dict(os.environ, SIGNFLIP_RUNS=self.folder.name, XDG_RUNTIME_DIR=self.folder.name,
                           XDG_CONFIG_HOME=self.folder.name, XDG_STATE_HOME=self.folder.name, TERM="xterm-256color", LC_ALL="C.UTF-8")
        command = [path, "train", "digits-quick", "--epochs", "100000", "--set", "hidden=[8]"]
        self.output = bytearray()
        self.status = None
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(self.folder.name)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.execve(path, command, environment)
        # A second descriptor, to read the settings after the program has ended.
        self.held = os.open(self.name(), os.O_RDWR | os.O_NOCTTY)
        self.modes = termios.tcgetattr(self.held)
        os.set_blocking(self.terminal, False)
        threading.Thread(target=self.read, daemon=True).start()

    def name(self):
        number = fcntl.ioctl(self.terminal, TIOCGPTN, struct.pack("I", 0))
        return f"/dev/pts/{struct.unpack('I', number)[0]}"

    def read(self):
        with contextlib.suppress(OSError):
            while True:
                select.select([self.terminal], [], [])
                part = os.read(self.terminal, 65536)
                self.output += part
                if asked := part.count(b"\x1b[5n"):
                    self.write(b"\x1b[0n" * asked)

    def write(self, data):
        """Writes what the pseudo-terminal accepts immediately; waiting here could block forever, without reading."""
        with contextlib.suppress(OSError):
            return os.write(self.terminal, data)
        return 0

    def has_ended(self):
        if self.status is None:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def resize(self, width, height):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def answers(self):
        """Whether it redraws after a change of size."""
        begin = len(self.output)
        self.resize(60, 15)
        time.sleep(0.05)
        self.resize(81, 25)
        return self.wait(lambda: len(self.output) > begin + 200 or self.has_ended(), 30)

    def drain(self):
        """Waits until all output has been read."""
        size = -1
        while size != len(self.output):
            size = len(self.output)
            time.sleep(0.2)

    def faults(self):
        """The faults after the end."""
        self.drain()
        found = []
        # While the lanes are being stopped, Ctrl-C and Ctrl-\ have their default effect and end it immediately.
        if self.status < 0 and -self.status not in (signal.SIGINT, signal.SIGQUIT):
            found.append(f"ended by signal {signal.Signals(-self.status).name}")
        if termios.tcgetattr(self.held) != self.modes:
            found.append("the terminal's modes are not as before")
        for name, on, off in (("alternate screen", b"\x1b[?1049h", b"\x1b[?1049l"), ("mouse", b"\x1b[?1000h", b"\x1b[?1000l"),
                              ("bracketed paste", b"\x1b[?2004h", b"\x1b[?2004l")):
            if self.output.rfind(on) > self.output.rfind(off):
                found.append(f"{name} is still on")
        return found

    def close(self):
        mark = f"SIGNFLIP_RUNS={self.folder.name}".encode()
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/environ", "rb") as file:
                    if mark in file.read().split(b"\0"):
                        os.kill(int(name), signal.SIGKILL)
        if self.status is None:
            os.waitpid(self.process, 0)
        for end in (self.held, self.terminal):
            with contextlib.suppress(OSError):
                os.close(end)
        with contextlib.suppress(OSError):
            self.folder.cleanup()


class Bytes:
    """Fully random bytes."""

    def __init__(self, draw):
        self.draw = draw
        self.counts = collections.Counter()

    def send(self, terminal, count):
        """Sends at most `count` of them; returns how many."""
        sent = terminal.write(self.draw.randbytes(min(256, count)))
        self.counts["bytes"] += sent
        return sent


class Events:
    """Random events. A key that would end the program at once is rare, so that most events come while lanes train."""

    def __init__(self, draw):
        self.draw = draw
        self.counts = collections.Counter()

    def send(self, terminal, count):
        """Sends at most `count` of them; returns how many."""
        sent = min(20, count)
        for _ in range(sent):
            kind = self.draw.choices(["key", "screen", "letter", "command", "mouse", "paste", "size", "quit"],
                                     [30, 12, 25, 4, 20, 1, 1, 0.1])[0]
            self.counts[kind] += 1
            if kind == "size":
                terminal.resize(*self.draw.choice([(80, 24), (200, 60), (120, 40), (60, 15), (40, 10), (20, 5),
                                                   (self.draw.randint(1, 250), self.draw.randint(1, 80))]))
            else:
                terminal.write(getattr(self, kind)())
        return sent

    def key(self):
        return self.draw.choice(KEYS)

    def screen(self):
        return self.draw.choice(b"123456789").to_bytes(1, "big")

    def letter(self):
        # Without q, and without S and x, which stop lanes after a question.
        return self.draw.choice([letter for letter in range(33, 127) if chr(letter) not in "qSx"]).to_bytes(1, "big")

    def command(self):
        return b":" + self.draw.choice(COMMANDS).encode() + self.draw.choice([b"\r", b"\r", b"\t\r", b"\x03"])

    def mouse(self):
        button = self.draw.choice([0, 0, 0, 1, 2, 32, 64, 65])
        x, y = self.draw.randint(1, 210), self.draw.randint(1, 64)
        return f"\x1b[<{button};{x};{y}{self.draw.choice('MMm')}".encode()

    def paste(self):
        return b"\x1b[200~" + self.draw.randbytes(self.draw.randint(0, 80)).replace(b"\x1b", b"") + b"\x1b[201~"

    def quit(self):
        return self.draw.choice([b"q", b"S", b"x", b"\x1a", b"\x1c"])


def run(program, count, draw, source):
    """Sends `count` pieces of input; returns the number of starts and the faults."""
    sent, starts, faults = 0, 0, []
    while sent < count and len(faults) < 5:
        starts += 1
        terminal = Program(program, draw.choice(SIZES))
        try:
            if not terminal.wait(lambda: "▶".encode() in terminal.output or terminal.has_ended(), 60) or terminal.has_ended():
                faults.append("it did not start: " + bytes(terminal.output[-300:]).decode(errors="replace"))
                continue
            next_check = sent + 4000
            while sent < count and not terminal.has_ended():
                sent += source.send(terminal, count - sent)
                # So that the program reads in parts during training.
                time.sleep(0.02)
                if sent >= next_check:
                    next_check = sent + 4000
                    # Ctrl-Z may have stopped it.
                    os.kill(terminal.process, signal.SIGCONT)
                    if not terminal.answers():
                        faults.append(f"it does not answer after {sent}")
                        break
            # An unfinished sequence ends by its timeout and a paste by its end mark; then an open question is cancelled.
            if not terminal.has_ended():
                os.kill(terminal.process, signal.SIGCONT)
                if not terminal.answers():
                    faults.append("it does not answer")
                end = time.monotonic() + 60
                while not terminal.has_ended() and time.monotonic() < end:
                    for keys in (b"\x1b[201~", b"\x03"):
                        terminal.write(keys)
                        terminal.wait(terminal.has_ended, 1.1)
            if not terminal.has_ended():
                faults.append("it did not end")
            else:
                faults += [f"{fault} (status {terminal.status}, start {starts}, {sent} sent, {bytes(terminal.output[-200:])!r})"
                           for fault in terminal.faults()]
        finally:
            terminal.close()
    return sent, starts, faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--bytes", type=int)
    kind.add_argument("--events", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=os.environ.get("SIGNFLIP", os.path.join(ROOT, ".build/release/signflip")))
    options = parser.parse_args()
    draw = random.Random(options.seed)
    source = Events(draw) if options.events else Bytes(draw)
    sent, starts, faults = run(os.path.abspath(options.program), options.events or options.bytes or 1_000_000, draw, source)
    print(json.dumps({"sent": dict(source.counts), "starts": starts, "seed": options.seed, "faults": faults}))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
