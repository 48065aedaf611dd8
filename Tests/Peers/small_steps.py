#!/usr/bin/env python3
"""Times the phases of a training step of small networks and small batches, in microseconds per step.

With --other, another version of the program is measured in turn, and the digests of the weights of both are compared.
A round trains every network once with each program; of each phase the shortest round counts. The phases are those that
the run records: waiting for images, forward, backward, update, and recording (metrics, state, health watch).
"""

import argparse
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).parent.parent.parent / ".build/release/signflip"
PHASES = ["data", "forward", "backward", "update", "recording"]


def experiment(method, units, batch, options):
    return f"""
name: small
dataset: {options.dataset}
validation: {options.validation}
defaults:
  hidden: [{units}, {units}, {units}]
  batchNormalization: true
  outputNormalization: true
  optimizer: adam
  batchSize: {batch}
  epochs: {options.epochs}
lanes:
  - name: lane
    method: {method}
"""


def train(program, definition, options):
    """Returns microseconds per step by phase and lane, images per second, and the digests."""
    with tempfile.TemporaryDirectory() as folder:
        words = [str(program), "train", definition, "--headless", "--json", "--threads", "1", "--runs", folder]
        if definition.lstrip().startswith("name:"):
            words[2] = os.path.join(folder, "small.yaml")
            pathlib.Path(words[2]).write_text(definition)
        else:
            words += ["--epochs", str(options.preset_epochs)]
        if options.data:
            words += ["--data", options.data]
        result = subprocess.run(words, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{' '.join(words)}\n{result.stderr}")
        database = next(pathlib.Path(folder).glob("*/run.sqlite"))
        with sqlite3.connect(database) as connection:
            snapshots = [json.loads(text) for (text,) in connection.execute("SELECT json FROM snapshots")]
        phases = {}
        for snapshot in snapshots:
            found = snapshot["phases"]
            for phase in PHASES:
                phases[snapshot["name"], phase] = 1e6 * found[phase] / found["steps"]
        digests = [lane["weightsSHA256"] for lane in json.loads(result.stdout.splitlines()[-1])["lanes"]]
        return phases, snapshots[0]["phases"]["images"] / snapshots[0]["phases"]["steps"], digests


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", type=pathlib.Path, help="another version of the program")
    parser.add_argument("--methods", nargs="+", default=["bnn", "binaryConnect"])
    parser.add_argument("--units", nargs="+", type=int, default=[64, 256])
    parser.add_argument("--batches", nargs="+", type=int, default=[2, 8, 32])
    parser.add_argument("--presets", nargs="*", default=[], help="presets to time as well, such as digits-quick")
    parser.add_argument("--preset-epochs", type=int, default=1)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--data", help="a folder to search for data sets")
    parser.add_argument("--validation", type=int, default=50000, help="images that are not trained on")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    programs = {"this": PROGRAM} | ({"other": options.other} if options.other else {})
    for program in programs.values():
        if not program.exists():
            sys.exit(f"{program}: expected the program, found nothing; build it with swift build -c release")
    jobs = {
        f"{method}, {units} units, batch {batch}": experiment(method, units, batch, options)
        for method in options.methods for units in options.units for batch in options.batches
    } | {preset: preset for preset in options.presets}
    for name, definition in jobs.items():
        best, images, digests = {}, 0, {}
        for _ in range(options.rounds):
            for program, path in programs.items():
                phases, images, digests[program] = train(path, definition, options)
                for (lane, phase), time in phases.items():
                    key = (lane, program, phase)
                    best[key] = min(best.get(key, time), time)
        for lane in dict.fromkeys(lane for lane, _, _ in best):
            totals = {}
            for program in programs:
                times = [best[lane, program, phase] for phase in PHASES]
                totals[program] = sum(times)
                shown = ", ".join(f"{phase} {time:.1f}" for phase, time in zip(PHASES, times))
                print(f"{name}, {lane}, {program}: {shown}, step {totals[program]:.1f} µs, "
                      f"{images / totals[program] * 1e6:.0f} images/s", flush=True)
            if options.other:
                print(f"{name}, {lane}: {totals['other'] / totals['this']:.2f} times as fast as the other", flush=True)
        if options.other:
            same = digests["this"] == digests["other"]
            print(f"{name}: {'the same weights' if same else 'DIFFERENT WEIGHTS'}", flush=True)


main()
