#!/usr/bin/env python3
"""Classifies the bytes that the live screen sends during training, and compares their number with another program's.

All programs attach to one training, started by the first, so that they show the same at the same time. Each answers
status reports (DSR) at once. One JSON object is printed a size and program: bytes a second, their kinds, and the rows
of the screen that they went to, the most expensive first.
"""
import argparse
import collections
import contextlib
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import slow_line  # noqa: E402

TOKEN = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[()].|\x1b.|[\x00-\x1f]|[\x20-\x7f]|[\xc0-\xff][\x80-\xbf]+", re.S)


class Attached(slow_line.Line):
    """Another screen of a training."""

    def __init__(self, program, first, size):
        self.shared = first.environment
        super().__init__(argparse.Namespace(program=program), size, None, True)

    def arguments(self, options):
        return [options.program, "attach"], self.shared


def kind(token):
    if token[0] == 0x1B:
        return "colours" if token.endswith(b"m") else "moves" if token[-1:] in b"ABCDGHd" else "other sequences"
    if token[0] < 0x20:
        return "moves"
    if token[0] < 0x80:
        return "ASCII"
    return "braille" if 0x2800 <= ord(token.decode()) < 0x2900 else "other glyphs"


def move(token, row):
    """The row after a cursor movement."""
    numbers = [int(number or 1) for number in token[2:-1].split(b";")] if token[0] == 0x1B else [1]
    final = token[-1:]
    if final in (b"H", b"d"):
        return numbers[0]
    return row + {b"B": numbers[0], b"A": -numbers[0], b"\n": 1}.get(final, 0)


def attribute(output, seconds):
    """Bytes per second by kind and by row; movements and colours count for the row of the next glyph."""
    kinds, rows = collections.Counter(), collections.Counter()
    row, pending = 1, 0
    for match in TOKEN.finditer(output):
        token = match.group()
        name = kind(token)
        kinds[name] += len(token)
        if name == "moves":
            row = move(token, row)
        pending += len(token)
        if token[0] >= 0x20:
            rows[row] += pending
            pending = 0
    return ({name: round(count / seconds) for name, count in kinds.most_common()},
            {row: round(count / seconds) for row, count in rows.most_common(10)})


def measure(options, size):
    first = slow_line.Line(options, size, None, True)
    screens = []
    try:
        first.wait_for(b"epoch")
        screens = [Attached(program, first, size) for program in [options.program, *options.against]]
        time.sleep(options.wait)
        begins = [len(screen.output) for screen in screens]
        time.sleep(options.seconds)
        outputs = [bytes(screen.output[begin:]) for screen, begin in zip(screens, begins)]
    finally:
        first.end()
        for screen in screens:
            with contextlib.suppress(OSError):
                os.waitpid(screen.process, 0)
    for program, output in zip([options.program, *options.against], outputs):
        kinds, rows = attribute(output, options.seconds)
        print(json.dumps({
            "size": f"{size[0]}x{size[1]}", "program": program, "bytesPerSecond": round(len(output) / options.seconds),
            "kinds": kinds, "rows": rows}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.path.join(slow_line.ROOT, ".build", "release", "signflip"))
    parser.add_argument("--against", nargs="*", default=[], help="other programs, such as one of another version")
    parser.add_argument("--preset", default="fashion-quick")
    parser.add_argument("--data", help="where the data sets are")
    parser.add_argument("--set", action="extend", nargs="*", default=[], help="more arguments of signflip train")
    parser.add_argument("--term", default="xterm-256color")
    parser.add_argument("--sizes", type=slow_line.size, nargs="*", default=[(80, 24), (120, 40), (200, 60)])
    parser.add_argument("--wait", type=float, default=20, help="seconds of training before anything is measured")
    parser.add_argument("--seconds", type=float, default=20, help="seconds over which bytes are counted")
    options = parser.parse_args()
    for size in options.sizes:
        measure(options, size)


if __name__ == "__main__":
    main()
