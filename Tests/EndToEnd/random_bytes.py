#!/usr/bin/env python3
"""Sends random bytes to the real program while it trains, and starts it anew whenever a key among them has ended it.

Usage: random_bytes.py [--bytes 1000000] [--seed 1] [--program PATH]
The program must not crash, must answer when all is sent, and must leave the terminal as it was: modes,
main screen, mouse off. One JSON object tells the outcome; the exit status is 1 where something failed.
"""
import argparse
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


class Program:
    """The program in a pseudo-terminal, with its own runs."""

    def __init__(self, path, size):
        self.folder = tempfile.TemporaryDirectory()
        environment = dict(os.environ, SIGNFLIP_RUNS=self.folder.name, XDG_RUNTIME_DIR=self.folder.name,
                           XDG_CONFIG_HOME=self.folder.name, TERM="xterm-256color", LC_ALL="C.UTF-8")
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

    def answers(self):
        """Whether it redraws after a change of size."""
        begin = len(self.output)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 81, 0, 0))
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


def run(program, count, draw):
    """Sends `count` bytes; returns the number of starts and the faults."""
    sent, starts, faults = 0, 0, []
    while sent < count and len(faults) < 5:
        starts += 1
        terminal = Program(program, draw.choice(SIZES))
        try:
            if not terminal.wait(lambda: "▶".encode() in terminal.output or terminal.has_ended(), 60) or terminal.has_ended():
                faults.append("it did not start: " + bytes(terminal.output[-300:]).decode(errors="replace"))
                continue
            while sent < count and not terminal.has_ended():
                chunk = draw.randbytes(min(256, count - sent))
                sent += terminal.write(chunk)
                # So that the program reads in parts during training.
                time.sleep(0.02)
            # An unfinished sequence ends by its timeout and a paste by its end mark; then an open question is cancelled.
            if not terminal.has_ended():
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
                faults += [f"{fault} (status {terminal.status}, start {starts}, {sent} bytes, {bytes(terminal.output[-200:])!r})"
                           for fault in terminal.faults()]
        finally:
            terminal.close()
    return sent, starts, faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bytes", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=os.environ.get("SIGNFLIP", os.path.join(ROOT, ".build/release/signflip")))
    options = parser.parse_args()
    sent, starts, faults = run(os.path.abspath(options.program), options.bytes, random.Random(options.seed))
    print(json.dumps({"bytes": sent, "starts": starts, "seed": options.seed, "faults": faults}))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
