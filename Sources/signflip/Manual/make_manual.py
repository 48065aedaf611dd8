#!/usr/bin/env python3
"""Writes the manual page of a signflip from what the program says about its own commands.

    make_manual.py .build/release/signflip > Sources/signflip/Manual/signflip.1
    make_manual.py --check .build/release/signflip

With --check it compares the page beside this script with the program, and exits with 1 where they differ.
"""

import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).with_name("signflip.1")

ENVIRONMENT = (
    ("SIGNFLIP_DATA", "A folder to look for data sets in, after --data."),
    ("SIGNFLIP_RUNS", "The folder of runs, after --runs."),
    ("XDG_DATA_HOME", "Data sets are in signflip/datasets and runs in signflip/runs below it; by default ~/.local/share."),
    ("XDG_CONFIG_HOME", "Themes of your own are in signflip/themes below it; by default ~/.config."),
    ("XDG_RUNTIME_DIR", "Engines have their sockets in signflip below it; else in signflip-UID in TMPDIR or /tmp."),
    ("ESCDELAY", "How many milliseconds may pass between Escape and the rest of a key's bytes."),
    ("NO_COLOR", "Set and not empty: the screen has no colours."),
)
EXIT_STATUS = (
    ("0", "All went as asked. Of a training without a screen: every lane was trained as asked."),
    ("1", "Something failed, and a message on standard error says what."),
    ("64", "The command line is wrong."),
)


def escape(text):
    """Text as roff takes it; a line must not begin with a dot or an apostrophe."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def discussion(text):
    """Paragraphs; those with indented lines or JSON are kept as they are."""
    lines = []
    for paragraph in text.split("\n\n"):
        lines.append(".PP")
        if any(line.startswith((" ", "{")) for line in paragraph.split("\n")):
            lines += [".nf", escape(paragraph), ".fi"]
        else:
            lines.append(escape(paragraph))
    return lines


def spelled(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def is_shown(argument):
    # Each command has --help, and many --version: told once, below the name of the program.
    names = {name["name"] for name in argument.get("names", [])}
    return argument.get("shouldDisplay", True) and not names & {"help", "version"}


def label(argument):
    value = f"\\fI{escape(argument['valueName'])}\\fR"
    if argument["kind"] == "positional":
        return value
    names = ", ".join(f"\\fB{escape(spelled(name))}\\fR" for name in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value}"


def usage(argument):
    text = label({**argument, "names": [argument["preferredName"]]} if "names" in argument else argument)
    if argument["isRepeating"]:
        text += " ..."
    return f"[{text}]" if argument["isOptional"] else text


def entries(command, words=("signflip",)):
    """The sections of a command and of those below it."""
    for child in command.get("subcommands", []):
        path = (*words, child["commandName"])
        if child["commandName"] == "help" or not child["shouldDisplay"]:
            continue
        shown = [argument for argument in child.get("arguments", []) if is_shown(argument)]
        if not child.get("subcommands"):
            yield f'.SS "{escape(" ".join(path[1:]))}"'
            yield escape(child["abstract"])
            yield from discussion(child["discussion"]) if "discussion" in child else ()
            yield ".PP"
            yield " ".join([f"\\fB{escape(' '.join(path))}\\fR", *map(usage, shown)])
            for argument in shown:
                yield from (".TP", label(argument), escape(argument.get("abstract", "")).strip())
                values = argument.get("allValues")
                if values:
                    yield f"Values: {escape(', '.join(values))}."
                if "defaultValue" in argument:
                    yield f"Default: {escape(argument['defaultValue'])}."
        yield from entries(child, path)


def table(title, rows):
    yield f".SH {title}"
    for name, text in rows:
        yield from (".TP", f"\\fB{name}\\fR", escape(text))


def page(program):
    def said(*arguments):
        return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout

    command = json.loads(said("--experimental-dump-help"))["command"]
    version = said("--version").strip()
    lines = [
        '.\\" Made by make_manual.py from what the program says about its commands.',
        f'.TH SIGNFLIP 1 "" "signflip {version}" "User Commands"',
        ".SH NAME",
        f"signflip \\- {escape(command['abstract'].rstrip('.').lower())}",
        ".SH SYNOPSIS",
        "\\fBsignflip\\fR",
        ".br",
        "\\fBsignflip\\fR \\fIcommand\\fR [\\fIarguments\\fR]",
        ".SH DESCRIPTION",
        escape(command["abstract"]),
        *discussion(command["discussion"]),
        ".PP",
        escape("A training is a process of its own, the engine, and goes on when the screen is left. It leaves a directory, the run."),
        ".PP",
        "\\fBsignflip help\\fR \\fIcommand\\fR and \\fIcommand\\fR \\fB\\-\\-help\\fR print the options of one command, "
        "\\fB\\-\\-version\\fR the version.",
        ".SH COMMANDS",
        *entries(command),
        *table("ENVIRONMENT", ENVIRONMENT),
        *table('"EXIT STATUS"', EXIT_STATUS),
    ]
    return "\n".join(line for line in lines if line) + "\n"


def main():
    arguments = sys.argv[1:]
    checks = arguments[:1] == ["--check"]
    if len(arguments) != 1 + checks:
        sys.exit(__doc__)
    made = page(arguments[-1])
    if not checks:
        sys.stdout.write(made)
    elif made != PAGE.read_text(encoding="utf-8"):
        sys.exit(f"{PAGE}: expected what the program says, found another text: run make_manual.py PROGRAM > {PAGE.name}")


if __name__ == "__main__":
    main()
