"""The C library: the examples in the documentation run unchanged and give the logits that are in the file."""
import ctypes
import json
import os
import pathlib
import re
import struct
import subprocess
import sys

from program import ProgramTest
from screen import PROGRAM, ROOT

PAGE = pathlib.Path(ROOT, "Sources", "signflip", "signflip.docc", "Embedding.md")
LIBRARY = os.path.join(os.path.dirname(PROGRAM), "libsignflip_model.so")
EXPERIMENT = """
name: small
dataset: digits
validation: 1000
inputRange: [-1, 1]
seed: 1
defaults: {hidden: [40, 70], method: bnn, epochs: 1}
lanes:
  - name: binary
"""


KINDS = """
name: kinds
dataset: digits
validation: 1000
seed: 1
defaults: {hidden: [40, 70], epochs: 1}
lanes:
  - {name: eight, method: bnn, eightBitLayers: [first, last]}
  - {name: float, method: baseline}
  - {name: weights, method: binaryConnect}
  - {name: scaled, method: xnorNet, inputScale: true}
  - {name: ternary, method: ternary, activation: sign}
  - {name: levels, method: doReFa, weightBits: 2, activationBits: 2}
"""


def example(language):
    return re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)[1]


def resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Golden:
    """The golden samples of a packed model's file, read without the program."""

    def __init__(self, path):
        content = pathlib.Path(path).read_bytes()
        length, = struct.unpack_from("<Q", content)
        header, data = json.loads(content[8:8 + length]), content[8 + length:]
        self.classes = json.loads(header["__metadata__"]["data"])["classes"]
        pixels, logits = (data[slice(*header[name]["data_offsets"])] for name in ("golden.pixels", "golden.logits"))
        self.count, size = header["golden.pixels"]["shape"]
        self.pixels = [pixels[i * size:(i + 1) * size] for i in range(self.count)]
        numbers, outputs = struct.unpack(f"<{len(logits) // 4}f", logits), len(self.classes)
        self.logits = [numbers[i * outputs:(i + 1) * outputs] for i in range(self.count)]


class CInterfaceTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.assertTrue(os.path.exists(LIBRARY), f"{LIBRARY}: swift build -c release makes it")
        experiment = os.path.join(self.folder, "small.yaml")
        pathlib.Path(experiment).write_text(EXPERIMENT, encoding="utf-8")
        self.path = os.path.join(self.folder, "digits.signflip")
        for words in (("train", experiment, "--headless"), ("export", "last", "--format", "packed", "-o", self.path)):
            done = self.signflip(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.golden = Golden(self.path)

    def open(self, threads=1):
        library, model = ctypes.CDLL(LIBRARY), ctypes.c_void_p()
        opened = library.signflip_model_open(self.path.encode(), threads, ctypes.byref(model), None, ctypes.c_size_t(0))
        self.assertEqual(opened, 0)
        return library, model

    def check(self, command):
        """The example gives the logits of the golden samples."""
        self.assertGreaterEqual(self.golden.count, 3)
        for pixels, logits in list(zip(self.golden.pixels, self.golden.logits))[:3]:
            image = os.path.join(self.folder, "image.bytes")
            pathlib.Path(image).write_bytes(pixels)
            done = subprocess.run([*command, image], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            lines = [line.rsplit(" ", 1) for line in done.stdout.splitlines()]
            self.assertEqual([name for name, _ in lines], self.golden.classes)
            for (_, found), expected in zip(lines, logits):
                self.assertAlmostEqual(float(found), expected, delta=1e-5 * max(map(abs, logits)))

    def test_the_example_in_c(self):
        source, program = os.path.join(self.folder, "example.c"), os.path.join(self.folder, "example")
        pathlib.Path(source).write_text(example("c"), encoding="utf-8")
        folder = os.path.dirname(LIBRARY)
        done = subprocess.run(
            ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-I", os.path.join(ROOT, "Sources", "CModelInterface"),
             source, "-L", folder, "-lsignflip_model", f"-Wl,-rpath,{folder}", "-Wl,--allow-shlib-undefined",
             "-o", program], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check([program, self.path])
        done = subprocess.run([program, __file__, self.path], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected a packed model", done.stderr)

    def test_the_example_in_python(self):
        script = os.path.join(self.folder, "example.py")
        pathlib.Path(script).write_text(example("python"), encoding="utf-8")
        self.check([sys.executable, script, LIBRARY, self.path])

    def test_calls_that_can_not_be_answered(self):
        library, model = ctypes.CDLL(LIBRARY), ctypes.c_void_p()
        error = ctypes.create_string_buffer(b"x" * 40)
        self.assertEqual(
            library.signflip_model_open(b"/nowhere", 1, ctypes.byref(model), error, ctypes.c_size_t(20)), 2)
        self.assertEqual(error.value, b"/nowhere: expected ")
        for path, threads, place in ((None, 1, ctypes.byref(model)), (self.path.encode(), 0, ctypes.byref(model)),
                                     (self.path.encode(), 1, None)):
            self.assertEqual(library.signflip_model_open(path, threads, place, error, ctypes.c_size_t(40)), 1)
        self.assertIsNone(model.value)
        library.signflip_model_close(None)
        library, model = self.open()
        self.assertEqual(library.signflip_model_run(model, None, ctypes.c_size_t(1), None), 1)
        self.assertEqual(library.signflip_model_run(model, None, ctypes.c_size_t(0), None), 0)
        self.assertEqual(library.signflip_model_info(model, None), 1)
        library.signflip_model_class_name.restype = ctypes.c_char_p
        self.assertIsNone(library.signflip_model_class_name(model, ctypes.c_size_t(len(self.golden.classes))))
        library.signflip_model_close(model)

    def test_every_kind_of_product(self):
        # A library's functions have other addresses than a program's, which once was nowhere for one of them.
        experiment = os.path.join(self.folder, "kinds.yaml")
        pathlib.Path(experiment).write_text(KINDS, encoding="utf-8")
        done = self.signflip("train", experiment, "--headless", timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        for lane in re.findall(r"name: (\w+), method", KINDS):
            self.path = os.path.join(self.folder, f"{lane}.signflip")
            done = self.signflip("export", "last", lane, "-o", self.path)
            self.assertEqual(done.returncode, 0, done.stderr)
            golden = Golden(self.path)
            library, model = self.open()
            logits = (ctypes.c_float * (golden.count * len(golden.classes)))()
            pixels = b"".join(golden.pixels)
            self.assertEqual(library.signflip_model_run(model, pixels, ctypes.c_size_t(golden.count), logits), 0)
            library.signflip_model_close(model)
            for found, expected in zip(logits, sum(golden.logits, ())):
                self.assertAlmostEqual(found, expected, delta=1e-5 * max(map(abs, sum(golden.logits, ()))), msg=lane)

    def test_the_loader_resolves_no_kernel_by_name(self):
        symbols = subprocess.run(["nm", "-D", LIBRARY], capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertGreater(len(symbols), 5)
        # i: a function that the loader chooses, of which the address may be asked for too early.
        self.assertEqual([line for line in symbols if line.split()[-2] == "i"], [])

    def test_runs_take_no_memory(self):
        library, model = self.open(threads=2)
        pixels, count = b"".join(self.golden.pixels), self.golden.count
        logits = (ctypes.c_float * (count * len(self.golden.classes)))()

        def run(times):
            for _ in range(times):
                self.assertEqual(library.signflip_model_run(model, pixels, ctypes.c_size_t(count), logits), 0)
        run(100)
        before = resident_bytes()
        run(20_000)
        self.assertLess(resident_bytes() - before, 1 << 20)
        for found, expected in zip(logits, sum(self.golden.logits, ())):
            self.assertAlmostEqual(found, expected, delta=1e-4)
        library.signflip_model_close(model)

    def test_closed_models_give_their_memory_back(self):
        def use(times):
            for _ in range(times):
                library, model = self.open()
                library.signflip_model_close(model)
        use(20)
        before = resident_bytes()
        use(200)
        self.assertLess(resident_bytes() - before, 8 << 20)
