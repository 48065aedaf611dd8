"""`signflip predict`: the logits of image files equal those computed by NumPy from images decoded by Pillow."""
import io
import json
import os
import subprocess
import unittest

import numpy
from PIL import Image

import checkpoint_network
from screen import PROGRAM
from test_image_data import HEIGHT, WIDTH, ImageTest, composited, grey_of, noise, pets, png, scaled

EXPERIMENT = """\
name: pets
seed: 3
lanes:
  - {name: net, method: METHOD, hidden: [24], epochs: 3, batchSize: 4, precision: float32}
"""


def encoded(pixels, form="PNG", **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


def resized(pixels):
    """Pillow's result, first in width, then in height. A single call uses another order for some sizes, which changes the rounding."""
    image, form = Image.fromarray(pixels), Image.Resampling.BILINEAR
    steps = numpy.asarray(image.resize((WIDTH, image.height), form).resize((WIDTH, HEIGHT), form))
    assert numpy.abs(steps.astype(int) - numpy.asarray(image.resize((WIDTH, HEIGHT), form))).max() <= 1
    return steps


class PredictTest(ImageTest):
    def model(self, files, method="baseline"):
        """Trains on a folder of images and exports the result."""
        folder = self.lay(files)
        experiment = self.write("pets.yaml", EXPERIMENT.replace("METHOD", method))
        done = self.signflip("train", experiment, "--dataset", folder, "--headless")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.packed = os.path.join(self.folder, "net.signflip")
        done = self.signflip("export", "last", "-o", self.packed)
        self.assertEqual(done.returncode, 0, done.stderr)
        (run,) = os.listdir(self.runs)
        checkpoints = os.path.join(self.runs, run, "checkpoints")
        newest = max(os.listdir(checkpoints), key=lambda name: int(name.rpartition("-")[2].partition(".")[0]))
        self.trained = checkpoint_network.Checkpoint(os.path.join(checkpoints, newest))
        self.images = os.path.join(self.folder, "images")
        os.makedirs(self.images)

    def image(self, name, data):
        return self.write(os.path.join("images", name), data)

    def predict(self, *words):
        done = self.signflip("predict", self.packed, *words, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def check_pixels(self, line, pixels):
        """Checks that the logits are those of these pixels; a different pixel would change them."""
        pixels = numpy.asarray(pixels, numpy.uint8)
        expected = self.trained.logits(pixels.reshape(1, HEIGHT, WIDTH, -1))[0]
        numpy.testing.assert_allclose(line["logits"], expected, rtol=1e-4, atol=1e-4)
        self.assertEqual(line["index"], int(expected.argmax()))
        self.assertEqual(line["class"], ("cat", "dog")[line["index"]])
        shares = numpy.exp(expected.astype(float) - expected.max())
        numpy.testing.assert_allclose(line["probabilities"], shares / shares.sum(), atol=1e-4)

    def test_images_of_a_grey_model(self):
        self.model(pets())
        grey, colors = noise(1, 1), noise(2, 3)
        large, wide, small = (noise(3, 3, height=61, width=47), noise(4, 1, height=7, width=90),
                              noise(5, 1, height=3, width=4))
        deep = noise(6, 1, 16)
        smooth = Image.fromarray(noise(7, 3, height=4, width=4)).resize((50, 40), Image.Resampling.BICUBIC)
        jpeg = encoded(numpy.asarray(smooth), "JPEG")
        with Image.open(io.BytesIO(jpeg)) as opened:
            decoded = numpy.asarray(opened)
        cases = [
            ("grey.png", png(grey, 0, 8), grey, None, False),
            ("colours.png", png(colors, 2, 8), grey_of(colors), None, True),
            ("large.png", png(large, 2, 8), resized(grey_of(large).astype(numpy.uint8)), [47, 61], True),
            ("wide.png", png(wide, 0, 8), resized(wide[..., 0]), [90, 7], False),
            ("small.png", png(small, 0, 8), resized(small[..., 0]), [4, 3], False),
            ("deep.png", png(deep, 0, 16), scaled(deep, 65535), None, False),
            ("photo.jpg", jpeg, resized(grey_of(decoded).astype(numpy.uint8)), [50, 40], True),
        ]
        paths = [self.image(name, data) for name, data, *_ in cases]
        for inverted in (False, True):
            lines = self.predict(*paths, *(["--invert"] if inverted else []))
            self.assertEqual([line["file"] for line in lines], paths)
            for line, (name, _, pixels, size, turned) in zip(lines, cases):
                with self.subTest(name, inverted=inverted):
                    self.check_pixels(line, 255 - pixels if inverted else pixels)
                    self.assertEqual((line.get("resizedFrom"), line["turnedGrey"]), (size, turned))

    def test_transparent_images_get_the_background_of_the_training_images(self):
        def light(seed):
            samples = noise(seed, 4)
            samples[..., :3] |= 128
            return png(samples, 6, 8)
        self.model(pets(make=light))
        dark = noise(1, 4)
        dark[..., :3] &= 127
        grey = noise(2, 2)
        deep = noise(3, 4, 16)
        first, second, third = self.predict(self.image("a.png", png(dark, 6, 8)), self.image("b.png", png(grey, 4, 8)),
                                            self.image("c.png", png(deep, 6, 16)))
        # The training images are light, so the background is black, even for a dark image.
        self.check_pixels(first, composited(dark[..., :3], dark[..., 3], 0))
        self.check_pixels(second, composited(grey[..., :1], grey[..., 1], 0).repeat(3, -1))
        bytes_of = scaled(deep[..., :3], 65535)
        self.check_pixels(third, composited(bytes_of, (255 * deep[..., 3].astype(int) + 32767) // 65535, 0))

    def test_a_transparent_drawing_for_a_model_of_opaque_images(self):
        self.model(pets())
        for name, change, background in (("dark", lambda ink: ink & 127, 255), ("light", lambda ink: ink | 128, 0)):
            samples = noise(1, 2)
            samples[..., 0] = change(samples[..., 0])
            (line,) = self.predict(self.image(f"{name}.png", png(samples, 4, 8)))
            with self.subTest(name):
                self.check_pixels(line, composited(samples[..., :1], samples[..., 1], background))

    def test_tables_folders_and_standard_input(self):
        self.model(pets(), method="bnn")
        first = self.image("one.png", png(noise(1, 1), 0, 8))
        self.image("two.png", png(noise(2, 3, height=20, width=30), 2, 8))
        self.image("three.jpeg", encoded(noise(3, 1)[..., 0], "JPEG"))
        self.image("notes.txt", "no image")
        self.image(".hidden.png", "hidden")
        done = self.signflip("predict", self.packed, first)
        self.assertEqual(done.returncode, 0, done.stderr)
        head, *rows = done.stdout.splitlines()
        self.assertEqual(head.split(), ["class", "probability", "logit"])
        self.assertEqual({tuple(row.split()[:2]) for row in rows}, {("0", "cat"), ("1", "dog")})
        done = self.signflip("predict", self.packed, first, "--top", "1")
        self.assertEqual(len(done.stdout.splitlines()), 2)
        done = self.signflip("predict", self.packed, self.images + "/")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual([os.path.basename(line.split()[0]) for line in lines[1:4]], ["one.png", "three.jpeg", "two.png"])
        self.assertEqual(lines[4:], [f"(resized from 30×20 to {WIDTH}×{HEIGHT}: 1 of 3)",
                                     "(colours converted to grey, as the model needs: 1 of 3)"])
        (expected,) = self.predict(first)
        with open(first, "rb") as file:
            done = subprocess.run([PROGRAM, "predict", self.packed, "-", "--json"], stdin=file, capture_output=True,
                                  text=True, env=self.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({**json.loads(done.stdout), "file": first}, expected)

    def test_what_can_not_be_read_is_named_and_the_others_are_done(self):
        self.model(pets())
        good = self.image("good.png", png(noise(1, 1), 0, 8))
        bitmap = self.image("bitmap.png", encoded(noise(2, 1)[..., 0], "BMP"))
        cut = self.image("cut.png", png(noise(3, 1), 0, 8)[:-40])
        missing = os.path.join(self.images, "missing.png")
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        done = self.signflip("predict", self.packed, bitmap, good, cut, missing, empty, "--json")
        self.assertEqual(done.returncode, 1)
        (found,) = map(json.loads, done.stdout.splitlines())
        self.check_pixels(found, noise(1, 1))
        for path, reason in ((bitmap, "a BMP image, which is not supported"), (cut, "expected an intact image"),
                             (missing, "no such file"), (empty, "found none")):
            self.assertTrue(any(path in told and reason in told for told in done.stderr.splitlines()), (path, done.stderr))
        self.assertIn("4 images or folders of 5 can't be read", done.stderr)
        self.check_refused(self.signflip("predict", good, good), good)
        self.check_refused(self.signflip("predict", self.packed, missing), missing, "no such file")
        self.check_refused(self.signflip("predict", self.packed), "image")
        self.check_refused(self.signflip("predict", self.packed, good, "--top", "0"), "--top")
        self.check_refused(self.signflip("predict", self.packed, "-", "-"), "standard input")
        self.check_refused(self.signflip("predict", self.packed, "-"), "standard input", "a PNG or JPEG image")


if __name__ == "__main__":
    unittest.main()
