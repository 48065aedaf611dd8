"""Networks as C: they compile without warnings, and give the same logits on four processors and on a board."""
import os
import pathlib
import re
import subprocess

from program import ProgramTest, labels, learnable_images
from screen import ROOT

PAGE = pathlib.Path(ROOT, "Sources", "signflip", "signflip.docc", "Microcontrollers.md")
FLAGS = "-std=c99 -Wall -Wextra -Wconversion -pedantic -Werror".split()

PERCEPTRONS = """\
name: perceptrons
validation: 600
normalization: range
seed: 3
defaults: {hidden: [96, 65], epochs: 2, batchSize: 50, precision: float32}
lanes:
  - {name: baseline, method: baseline}
  - {name: binaryconnect, method: binaryConnect}
  - {name: bnn, method: bnn}
  - {name: shifts, method: bnn, batchNormalizationKind: shift, floatLayers: [first]}
  - {name: eight, method: bnn, eightBitLayers: [first, last]}
  - {name: xnor, method: xnorNet, inputScale: true}
  - {name: ternary, method: ternary, weightScale: mean}
  - {name: fixed, method: ternary, activation: sign}
  - {name: dorefa, method: doReFa, weightBits: 3, activationBits: 3}
  - {name: recu, method: reCU}
"""

CONVOLUTIONS = """\
name: convolutions
validation: 600
seed: 4
defaults:
  epochs: 1
  batchSize: 50
  precision: float32
  network:
    - convolution: {filters: 9, kernel: 3}
    - maxPool: {size: 2}
    - batchNormalization
    - activation
    - convolution: {filters: 33, kernel: 3, stride: 2, border: sameZero}
    - batchNormalization
    - activation
    - flatten
    - linear: 31
    - batchNormalization
    - activation
    - linear: classes
lanes:
  - {name: bnn, method: bnn}
  - {name: xnor, method: xnorNet, inputScale: true}
  - {name: dorefa, method: doReFa, weightBits: 2, activationBits: 2}
"""

# Prints -1 if the logits of all samples are equal.
MAIN = """\
#include <stdio.h>
#include "network.h"
static uint32_t scratch[NETWORK_SCRATCH_WORDS];
int main(void) {
  printf("%d\\n", network_self_test(scratch));
  return 0;
}
"""

# Compilers and emulators. s390x is big-endian.
MACHINES = {
    "this machine": (["gcc"], []),
    "aarch64": (["aarch64-linux-gnu-gcc", "-static"], ["qemu-aarch64"]),
    "s390x": (["s390x-linux-gnu-gcc", "-static"], ["qemu-s390x"]),
}


class CExportTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.export = os.path.join(self.folder, "network")

    def images(self, side, count=3000):
        """A small data set in MNIST's format."""
        folder = os.path.join(self.folder, "images")
        os.mkdir(folder)
        for name, number, seed in (("train", count, 1), ("t10k", 200, 2)):
            self.write(f"images/{name}-images-idx3-ubyte", learnable_images(number, side, seed=seed))
            self.write(f"images/{name}-labels-idx1-ubyte", labels(number))
        return folder

    def write(self, name, contents):
        path = os.path.join(self.folder, name)
        pathlib.Path(path).write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        return path

    def does(self, *command, folder=None):
        """Runs another program and returns its output."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL, timeout=300, cwd=folder or self.export)
        self.assertEqual(done.returncode, 0, f"{' '.join(command)}\n{done.stdout}")
        return done.stdout

    def program(self, *arguments):
        said = self.signflip(*arguments, timeout=600)
        self.assertEqual(said.returncode, 0, said.stderr)
        return said.stdout

    def check_lanes(self, experiment):
        images = self.images(12)
        self.program("train", self.write("experiment.yaml", experiment), "--headless", "--dataset", images)
        for lane in re.findall(r"name: (\w+), method", experiment):
            with self.subTest(lane=lane):
                self.program("export", "last", lane, "--format", "c", "-o", self.export, "--force")
                pathlib.Path(self.export, "main.c").write_text(MAIN)
                self.check_export()

    def check_export(self):
        for compiler in ("gcc", "clang"):
            for level in ("-O0", "-O2"):
                self.does(compiler, *FLAGS, level, "-c", "network.c", "-o", "network.o")
                self.does(compiler, *FLAGS, level, "-DNETWORK_SELF_TEST", "-c", "network.c", "-o", "test.o")
        for machine, (compiler, emulator) in MACHINES.items():
            self.does(*compiler, *FLAGS, "-O2", "-DNETWORK_SELF_TEST", "main.c", "network.c", "-o", "network", "-lm")
            self.assertEqual(self.does(*emulator, "./network"), "-1\n", machine)
        self.does("arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", *FLAGS, "-Os", "-c", "network.c", "-o", "network.o")
        text, data, bss = self.sizes("network.o")
        self.assertEqual((data, bss), (0, 0))
        tables = int(re.search(r"TABLE_BYTES (\d+)", pathlib.Path(self.export, "network.h").read_text())[1])
        self.assertLess(tables, text)
        self.assertLess(text, tables + 4096)

    def sizes(self, file, folder=None):
        """Bytes of code and constants, of initialized variables, and of others."""
        return [int(number) for number in self.does("arm-none-eabi-size", file, folder=folder).splitlines()[1].split()[:3]]

    def test_perceptrons_of_all_methods(self):
        self.check_lanes(PERCEPTRONS)

    def test_convolutions(self):
        self.check_lanes(CONVOLUTIONS)

    def test_the_page_leads_to_a_board(self):
        page = PAGE.read_text(encoding="utf-8")
        blocks = re.findall(r"^```sh\n(.*?)^```", page, flags=re.M | re.S)
        train = next(line for block in blocks for line in block.splitlines() if line.startswith("signflip train"))
        compile_commands = next(block for block in blocks if block.startswith("arm-none-eabi-gcc"))
        run = next(block for block in blocks if block.startswith("qemu-system-arm"))
        shown = re.search(r"^```text\n(self-test.*?)^```", page, flags=re.M | re.S)[1]
        # The network of the page, trained on small data; its size is the same.
        images = self.images(28, count=6000)
        done = self.shell(f"{train.replace('signflip', '$S', 1)} --epochs 1 --dataset {images}")
        self.assertEqual(done.returncode, 0, done.stderr)
        board = os.path.join(self.folder, "model")
        self.program("export", "last", "--format", "c", "-o", board)
        for name in ("board.ld", "startup.c", "main.c"):
            text = re.search(rf"^`{re.escape(name)}`.*?^```\w+\n(.*?)^```", page, flags=re.M | re.S)[1]
            pathlib.Path(board, name).write_text(text)
        self.does("bash", "-ec", compile_commands, folder=board)
        pixels = pathlib.Path(images, "t10k-images-idx3-ubyte").read_bytes()[16:16 + 784]
        pathlib.Path(board, "image.raw").write_bytes(pixels)
        said = self.does("bash", "-ec", run, folder=board)
        # QEMU first prints a line about a timer.
        said = said[said.index("self-test"):].splitlines()
        self.assertEqual(said[0], shown.splitlines()[0])
        self.assertEqual(said[2], shown.splitlines()[2], "the page tells how much RAM it is")
        # The first golden sample is the first test image.
        logits = re.search(r"golden_logits\[\d+\] = {(.*?)}", pathlib.Path(board, "model.c").read_text(), flags=re.S)[1]
        logits = [float(number.strip().rstrip("f")) for number in logits.split(",")[:10]]
        self.assertEqual(said[1], f"class: {logits.index(max(logits))}")
        # The linker script has 64 kB of flash and 4 kB of RAM; the only variables are the image and the scratch memory.
        flash, data, bss = self.sizes("board.elf", folder=board)
        header = pathlib.Path(board, "model.h").read_text()
        scratch = int(re.search(r"SCRATCH_BYTES (\d+)", header)[1])
        stack = int(re.search(r"(\d+) of stack", said[2])[1])
        self.assertEqual((data, bss), (0, 784 + scratch))
        self.assertLess(flash, 64 << 10)
        self.assertLess(bss + stack, 4 << 10)
        # The stack is within the limit in the header.
        self.assertLessEqual(stack, int(re.search(r"at most (\d+) stack", header)[1]))
        print(f"\n784-256x3-10 on a Cortex-M3: {flash} bytes of flash, {bss + stack} of RAM")
