"""The real program on the command line, in temporary folders."""
import contextlib
import os
import random
import signal
import struct
import subprocess
import tempfile
import time
import unittest

from screen import PROGRAM


def images(count, side=28, magic=0x803):
    return struct.pack(">IIII", magic, count, side, side) + bytes(i * 7 % 256 for i in range(count * side * side))


def labels(count, classes=10):
    return struct.pack(">II", 0x801, count) + bytes(i % classes for i in range(count))


def learnable_images(count, side, seed):
    """Noise with a bright band for each of ten classes: a small network needs a few epochs to learn it."""
    draw, size = random.Random(seed), side * side
    pixels = bytearray(draw.randbytes(count * size))
    for image in range(count):
        begin = image * size + image % 10 * (size // 10)
        band = slice(begin, begin + size // 10)
        pixels[band] = bytes(min(255, value + 90) for value in pixels[band])
    return struct.pack(">IIII", 0x803, count, side, side) + bytes(pixels)


class ProgramTest(unittest.TestCase):
    """A test with its own runs, sockets and data. All processes that it starts end with it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="signflip-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.runs, self.runtime = os.path.join(self.folder, "runs"), os.path.join(self.folder, "runtime")
        os.mkdir(self.runs)
        os.mkdir(self.runtime, 0o700)
        self.addCleanup(self.end_engines)

    def environment(self, **changed):
        """The program's environment, without the user's folders."""
        own = dict(SIGNFLIP_DATA="", SIGNFLIP_RUNS=self.runs, XDG_RUNTIME_DIR=self.runtime,
                   XDG_DATA_HOME=os.path.join(self.folder, "data"), OMP_WAIT_POLICY="passive")
        return {**os.environ, **own, **changed}

    def signflip(self, *arguments, timeout=300, **environment):
        """Runs the program and waits for its end."""
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=self.environment(**environment), timeout=timeout)

    def shell(self, command):
        """Runs a line of bash in which $S is the program; SIGPIPE acts as in a terminal."""
        return subprocess.run(["bash", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=self.environment(S=PROGRAM), timeout=120)

    def start(self, *arguments, **options):
        """Starts the program; by default its output is piped."""
        process = subprocess.Popen(
            [PROGRAM, *arguments], stdin=subprocess.DEVNULL, text=True,
            **dict(dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment()), **options))
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        for stream in filter(None, (process.stdout, process.stderr)):
            stream.close()

    def end_engines(self):
        """Ends the engine processes whose runs are in this test's folder."""
        for number in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{number}/cmdline", "rb") as words, open(f"/proc/{number}/environ", "rb") as variables:
                    if b"\0engine\0" in words.read() and self.folder.encode() in variables.read():
                        os.kill(int(number), signal.SIGKILL)

    def write(self, name, content):
        """Writes a file into the test's folder; returns its path."""
        path = os.path.join(self.folder, name)
        with open(path, "wb" if isinstance(content, bytes) else "w") as file:
            file.write(content)
        return path

    def mount(self, options):
        """A small file system in memory; returns its folder."""
        folder = os.path.join(self.folder, "small")
        os.makedirs(folder, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, "a full and a read-only disk need a small tmpfs: run the tests as root, or "
                                             f"below `unshare -rm`: {done.stderr}")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        return folder

    def wait_until(self, what, condition, seconds=60, process=None):
        """Waits for a condition and returns it; fails if the process ends before."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            if process is not None and process.poll() is not None:
                self.fail(f"{what} did not come: the program ended before: {process.stderr.read()}")
            if time.monotonic() > end:
                self.fail(f"{what} did not come in {seconds} s")
            time.sleep(0.005)
        return found

    def check_refused(self, done, *words):
        """Checks that it ended with a short message that contains these words, without a stack trace."""
        self.assertNotEqual(done.returncode, 0)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertLess(len(done.stderr.strip().split("\n")), 8, done.stderr)
        for trace in ("Fatal error", "Stack dump", "Thread 0", "Crash"):
            self.assertNotIn(trace, done.stderr)
