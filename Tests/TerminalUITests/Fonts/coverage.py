#!/usr/bin/env python3
"""Writes which code points fonts have, as ranges in hexadecimal, for the tests of the glyphs that the screen draws.

DejaVuSansMono.txt: those of the regular and the bold face, by fc-query (packages fontconfig, fonts-dejavu-core).
LinuxConsole.txt: those that Debian's fonts for the Linux console share with code page 437, which the console begins
with. The fonts are those of console-setup-linux, unpacked: dpkg -x console-setup-linux_*.deb DIRECTORY.

usage: coverage.py DIRECTORY
"""
import gzip
import os
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DEJAVU = "/usr/share/fonts/truetype/dejavu/"
CONSOLE = ["Uni1-Fixed16", "Uni2-Fixed16", "Uni2-Terminus16", "Uni2-VGA16", "Lat15-Fixed16", "Lat15-Terminus16",
           "Lat15-VGA16"]


def of_font(path):
    text = subprocess.run(["fc-query", "--format", "%{charset}", path], capture_output=True, text=True, check=True).stdout
    result = set()
    for part in text.split():
        first, _, last = part.partition("-")
        result |= set(range(int(first, 16), int(last or first, 16) + 1))
    return result


def of_console_font(path):
    """The table of a PC Screen Font, version 1 or 2."""
    with gzip.open(path) as file:
        data = file.read()
    if data[:2] == b"\x36\x04":
        count = 512 if data[2] & 1 else 256
        table = data[4 + count * data[3]:]
        return {code for code, in struct.iter_unpack("<H", table[:len(table) // 2 * 2]) if code < 0xfffe}
    header, _, count, size = struct.unpack("<4I", data[8:24])
    glyphs = (entry.split(b"\xfe")[0] for entry in data[header + count * size:].split(b"\xff"))
    return {ord(character) for entry in glyphs for character in entry.decode("utf-8")}


def write(name, codes):
    ranges = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    with open(os.path.join(HERE, name), "w") as file:
        file.writelines(f"{first:x}-{last:x}\n" for first, last in ranges)


def main():
    folder = os.path.join(sys.argv[1], "usr/share/consolefonts")
    write("DejaVuSansMono.txt", of_font(DEJAVU + "DejaVuSansMono.ttf") & of_font(DEJAVU + "DejaVuSansMono-Bold.ttf"))
    page = {ord(character) for character in bytes(range(32, 256)).decode("cp437")}
    page |= set(map(ord, "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼⌂"))
    fonts = [of_console_font(os.path.join(folder, name + ".psf.gz")) for name in CONSOLE]
    write("LinuxConsole.txt", page.intersection(*fonts))


if __name__ == "__main__":
    main()
