#!/usr/bin/env python3
"""Makes the tables of Sources/TerminalUI/Text/DisplayWidth.swift from the Unicode data of Python.

    width_tables.py           writes the tables into the file
    width_tables.py --check   compares them with the file; exits with 1 where they differ

The tables are those of Unicode 14.0.0, which Debian 12's Python 3.11 has: terminals learn new characters late, and a character
that a terminal does not know takes one column. A Python with other data says so, and does nothing.
"""

import pathlib
import re
import sys
import unicodedata

UNICODE = "14.0.0"
FILE = pathlib.Path(__file__).parents[3] / "Sources" / "TerminalUI" / "Text" / "DisplayWidth.swift"
# What stands before it is narrow, and is not looked up.
FIRST = 0x300
# Signs of number that enclose what follows them (Prepended_Concatenation_Mark) are drawn, although they are format characters.
PREPENDED = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
# EastAsianWidth.txt has unassigned characters wide here, for ideographs to come.
IDEOGRAPHS = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD)]


def is_assigned(value):
    return unicodedata.category(chr(value)) != "Cn"


def is_zero_width(value):
    if 0x1160 <= value <= 0x11FF:  # medial vowels and final consonants of Hangul, drawn in the cell of the initial one
        return True
    return unicodedata.category(chr(value)) in ("Mn", "Me", "Cf", "Zl", "Zp") and value not in PREPENDED


def is_wide(value):
    if any(first <= value <= last for first, last in IDEOGRAPHS):
        return True
    return is_assigned(value) and unicodedata.east_asian_width(chr(value)) in "WF" and not is_zero_width(value)


def ranges(belongs, longest_gap=1024):
    """The ranges of what belongs. A gap of unassigned characters alone is bridged, unless it is a long one."""
    result = []
    bridges = False
    for value in range(FIRST, 0x110000):
        if belongs(value):
            if bridges and value - result[-1][1] <= longest_gap + 1:
                result[-1][1] = value
            else:
                result.append([value, value])
            bridges = True
        elif is_assigned(value):
            bridges = False
    return result


def lines(table):
    line = " "
    for first, last in table:
        item = f" 0x{first:X}...0x{last:X},"
        if len(line + item) > 118:
            yield line
            line = " "
        line += item
    yield line


def main():
    if unicodedata.unidata_version != UNICODE:
        print(f"width tables: expected a Python with Unicode {UNICODE}, found {unicodedata.unidata_version}: nothing done")
        return 0
    text = FILE.read_text(encoding="utf-8")
    made = text
    for name, belongs in (("zeroWidthRanges", is_zero_width), ("wideRanges", is_wide)):
        table = "\n".join(lines(ranges(belongs)))
        made, count = re.subn(rf"({name}: \[ClosedRange<UInt32>\] = \[\n).*?(\n\])", rf"\g<1>{table}\g<2>", made, flags=re.S)
        if count != 1:
            sys.exit(f"{FILE}: expected a table {name}, found {count}")
    if "--check" not in sys.argv[1:]:
        FILE.write_text(made, encoding="utf-8")
    elif made != text:
        sys.exit(f"{FILE}: the tables are not what {pathlib.Path(__file__).name} makes")
    else:
        print(f"width tables: as Unicode {UNICODE} has them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
