#!/usr/bin/env python3
"""Measures the cost of the live screen during training, and its response time.

A training of two lanes runs headless, then under the screen in a pseudo-terminal of 200x60, on an otherwise idle machine
of as many cores as lanes. Where all cores are busy, what the screen takes the lanes lose: the share of the processor's
time that goes to threads other than the lanes' and their batch pipeline's is compared. One JSON object is printed.
"""
import argparse
import contextlib
import fcntl
import json
import os
import pty
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TICK = os.sysconf("SC_CLK_TCK")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def ticks(stat):
    """The processor time of a process or thread, in ticks, from its stat file."""
    fields = stat.rpartition(b")")[2].split()
    return int(fields[11]) + int(fields[12])


class Training:
    """A training with its processes, identified by a marker in their environment."""

    def __init__(self, program, arguments, folder):
        self.mark = f"SIGNFLIP_RUNS={folder}".encode()
        self.environment = dict(os.environ, SIGNFLIP_RUNS=folder, TERM="xterm-256color", COLORTERM="truecolor",
                                XDG_RUNTIME_DIR=folder)
        self.command = [program, *arguments]

    def processes(self):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if self.mark in read(f"/proc/{name}/environ").split(b"\0"):
                    yield name

    def times(self):
        """The ticks of all threads, and of those that belong neither to a lane nor to its pipeline."""
        everything = other = 0
        for process in self.processes():
            with contextlib.suppress(OSError):
                everything += ticks(read(f"/proc/{process}/stat"))
            for thread in os.listdir(f"/proc/{process}/task"):
                with contextlib.suppress(OSError):
                    stat = read(f"/proc/{process}/task/{thread}/stat")
                    name = stat[stat.index(b"(") + 1:stat.rindex(b")")]
                    if not name.startswith(b"lane ") and b"overcommit" not in name:
                        other += ticks(stat)
        return everything, other

    def share(self, seconds):
        """The fraction of the processor time that is not used by lanes, measured over a number of seconds."""
        before = self.times()
        time.sleep(seconds)
        after = self.times()
        return (after[1] - before[1]) / (after[0] - before[0])

    def end(self):
        for process in list(self.processes()):
            with contextlib.suppress(OSError):
                os.kill(int(process), signal.SIGKILL)


class Screen(Training):
    """A training with the live screen, whose output is read continuously."""

    def __init__(self, program, arguments, folder):
        super().__init__(program, arguments, folder)
        self.output = bytearray()
        self.arrivals = []
        self.start = time.monotonic()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execve(program, self.command, self.environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        asked = b"\x1b[5n"
        with contextlib.suppress(OSError):
            while part := os.read(self.terminal, 1 << 18):
                self.arrivals.append((time.monotonic(), len(part)))
                # A status report may be asked for across two parts.
                begin = max(0, len(self.output) - len(asked) + 1)
                self.output += part
                os.write(self.terminal, b"\x1b[0n" * self.output.count(asked, begin))

    def wait_for(self, text, begin=0, timeout=30):
        """The time at which `text` arrived; ends the program if it does not arrive."""
        end = time.monotonic() + timeout
        while text not in self.output[begin:]:
            if time.monotonic() > end:
                self.end()
                sys.exit(f"the screen did not show {text!r} within {timeout} s")
            time.sleep(0.0005)
        return time.monotonic()

    def press(self, key):
        os.write(self.terminal, key)

    def frames(self, seconds):
        """The number of changed frames per second; output within 4 ms belongs to the same frame."""
        begin = len(self.arrivals)
        time.sleep(seconds)
        times = [arrival for arrival, _ in self.arrivals[begin:]]
        return sum(1 for a, b in zip(times, times[1:]) if b - a > 0.004) / seconds


def measure(options):
    arguments = ["train", options.preset, "--epochs", "1000"]
    with tempfile.TemporaryDirectory() as folder:
        headless = Training(options.program, [*arguments, "--headless"], folder)
        process = subprocess.Popen(headless.command, env=headless.environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(options.wait)
        alone = headless.share(options.seconds)
        headless.end()
        process.wait()
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen(options.program, arguments, folder)
        first = screen.wait_for(b"signflip") - screen.start
        time.sleep(options.wait)
        shown = screen.share(options.seconds)
        lost = {"1": round((shown - alone) / (1 - alone), 4)}
        for key in options.screens:
            screen.press(key.encode())
            time.sleep(options.wait)
            lost[key] = round((screen.share(options.seconds) - alone) / (1 - alone), 4)
        screen.press(b"1")
        time.sleep(2)
        frames = screen.frames(5)
        answers = []
        for _ in range(20):
            begin = len(screen.output)
            pressed = time.monotonic()
            screen.press(b"?")
            answers.append(screen.wait_for(b"type to search", begin) - pressed)
            screen.press(b"\x1b")
            time.sleep(0.5)
        screen.press(b" ")
        time.sleep(3)
        before = screen.times()[0]
        time.sleep(10)
        paused = (screen.times()[0] - before) / TICK / 10
        screen.end()
        os.waitpid(screen.process, 0)
    return {
        "preset": options.preset, "headlessShareOfOthers": round(alone, 4), "screenShareOfOthers": round(shown, 4),
        "lanesLose": lost, "changedFramesPerSecond": round(frames, 1),
        "firstFrameMilliseconds": round(first * 1000), "keyToScreenMilliseconds": {
            "median": round(statistics.median(answers) * 1000), "slowest": round(max(answers) * 1000)},
        "pausedShareOfACore": round(paused, 4),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "signflip"))
    parser.add_argument("--preset", default="fashion-quick")
    parser.add_argument("--wait", type=float, default=15, help="seconds before the shares are taken")
    parser.add_argument("--seconds", type=float, default=60, help="seconds over which they are taken")
    parser.add_argument("--screens", default="", help="further screens, by their keys: 23456789")
    print(json.dumps(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
