#!/usr/bin/env python3
"""Times training steps in signflip, PyTorch and, if installed, Larq, in turn on this machine, and prints ratios.

A round runs every program once; of each the fastest round counts, so what slows the machine down for a while does not
fall on one of them.
"""

import argparse
import importlib.util
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PROGRAM = HERE.parent.parent / ".build/release/signflip"


def measure(command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return json.loads(result.stdout.strip().splitlines()[-1])["imagesPerSecond"]  # of the fastest round


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=["mlp", "conv"], default="mlp")
    parser.add_argument("--kinds", nargs="+", default=["baseline", "binaryconnect", "bnn"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
    parser.add_argument("--precisions", nargs="+", default=["float32"], help="add bfloat16 where it is fast")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--larq", default=sys.executable, help="a Python that has Larq")
    options = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM}: expected the program, found nothing; build it with swift build -c release")
    has_larq = options.larq != sys.executable or importlib.util.find_spec("larq") is not None
    for threads in options.threads:
        for kind in options.kinds:
            common = ["--threads", threads, "--steps", options.steps]
            choice = ["--net", options.net, "--kind", kind, "--optimizer", options.optimizer]
            programs = {}
            for precision in options.precisions:
                programs[f"signflip {precision}"] = [
                    PROGRAM, "bench", "train", *choice, "--precision", precision, *common]
                programs[f"torch {precision}"] = [
                    sys.executable, HERE / "torch_step.py", *choice, "--precision", precision, *common]
            if kind == "bnn" and options.net == "mlp" and has_larq:
                programs["larq"] = [options.larq, HERE / "larq_step.py", *common]
            best = dict.fromkeys(programs, 0)
            for _ in range(options.rounds):
                for name, command in programs.items():
                    best[name] = max(best[name], measure(command))
            fastest = max((name for name in best if name.startswith("torch")), key=best.get)
            for name in [name for name in best if name.startswith("signflip")]:
                ours = best[name]
                # PyTorch in the same precision and in its fastest one.
                others = dict.fromkeys([name.replace("signflip", "torch"), fastest, "larq"])
                ratios = ", ".join(f"{ours / best[other]:.2f} times {other} ({best[other]})"
                                   for other in others if other in best)
                print(f"{options.net}, {kind}, {threads} threads, {name}: {ours} images/s, {ratios}", flush=True)


main()
