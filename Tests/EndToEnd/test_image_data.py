"""Folders of images: decoded like Pillow and NumPy, and everything that is ignored, guessed or dropped is reported."""
import io
import json
import os
import struct
import subprocess
import unittest
import zlib

import numpy
from PIL import Image

from program import ProgramTest

HEIGHT, WIDTH = 7, 9


def noise(seed, channels, depth=8, height=HEIGHT, width=WIDTH):
    """Smooth enough for JPEG, with all values of the bit depth."""
    draw = numpy.random.default_rng(seed)
    values = draw.integers(0, 2 ** depth, (height, width, channels))
    return values.astype(numpy.uint16 if depth == 16 else numpy.uint8)


ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed(rows, depth):
    """PNG rows of samples, each with the filter “none”."""
    lines = []
    for row in rows.reshape(rows.shape[0], -1):
        if depth == 16:
            line = row.astype(">u2").tobytes()
        elif depth == 8:
            line = row.astype(numpy.uint8).tobytes()
        else:
            bits = "".join(format(int(sample), f"0{depth}b") for sample in row)
            line = bytes(int(bits[k:k + 8].ljust(8, "0"), 2) for k in range(0, len(bits), 8))
        lines.append(b"\0" + line)
    return b"".join(lines)


def png(samples, kind, depth, interlaced=False, extra=()):
    """A PNG of samples [height, width, channels], in any form; kind is PNG's colour type."""
    height, width = samples.shape[:2]
    if interlaced:
        passes = (samples[y::dy, x::dx] for y, x, dy, dx in ADAM7)
        data = b"".join(packed(part, depth) for part in passes if part.size)
    else:
        data = packed(samples, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*one) for one in extra)
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def exif(orientation):
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)


def jpeg(seed, mode, **options):
    small = Image.fromarray(noise(seed, 3, height=3, width=3)).resize((WIDTH, HEIGHT), Image.BICUBIC).convert(mode)
    out = io.BytesIO()
    small.save(out, "JPEG", **options)
    return out.getvalue()


def grey_of(colors):
    red, green, blue = (colors[..., k].astype(int) for k in range(3))
    return (299 * red + 587 * green + 114 * blue + 500) // 1000


def scaled(values, largest):
    return numpy.minimum(255, (255 * values.astype(int) + largest // 2) // largest)


def composited(values, alpha, background):
    alpha = alpha.astype(int)[..., None]
    return (values.astype(int) * alpha + background * (255 - alpha) + 127) // 255


def plain(seed):
    """A grey image that differs from the others."""
    return png(noise(seed, 1), 0, 8)


def pets(count=12, make=plain, names=("cat", "dog")):
    """A set of two classes, half as many test images as training images."""
    files = {}
    for index in range(count):
        files[f"train/{names[index % len(names)]}/{index:03}.png"] = make(index)
        if index % 2 == 0:
            files[f"test/{names[index // 2 % len(names)]}/{index:03}.png"] = make(1000 + index)
    return files


class ImageTest(ProgramTest):
    def lay(self, files, name="set"):
        """Writes files, whose names are text or bytes; returns the set's folder."""
        root = os.path.join(self.folder, name)
        for path, data in files.items():
            target = os.path.join(os.fsencode(root), os.fsencode(path))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(data)
        return root

    def check(self, folder, *options):
        """The output of `data check` for a folder, and its arrays."""
        arrays = os.path.join(self.folder, f"{os.path.basename(folder)}-{len(os.listdir(self.folder))}.npz")
        done = self.signflip("data", "check", folder, "--json", "-o", arrays, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        with numpy.load(arrays) as file:
            return json.loads(done.stdout), {name: file[name] for name in file.files}

    def refused(self, folder, *words, options=()):
        done = self.signflip("data", "check", folder, *options)
        self.check_refused(done, "Error: ", *words)
        return done.stderr

    def train(self, folder, *options, timeout=60):
        return self.signflip("train", "digits-quick", "--dataset", folder, "--epochs", "1", "--headless", "--json",
                             *options, timeout=timeout)


class VariantTest(ImageTest):
    """Format × depth × palette × alpha × EXIF × interlace, each as a set of its own."""

    def read(self, data, others=None):
        """The pixels of one image, which is the first of its set. The others are grey, or of the same form."""
        files = {"train/a/0.png": data, "train/b/1.png": others or plain(7), "test/a/2.png": others or plain(8)}
        told, arrays = self.check(self.lay(files, f"set{len(os.listdir(self.folder))}"))
        return told, arrays["x_train"][0]

    def test_opaque_images_of_8_bits_decode_as_in_pillow(self):
        variants = {}
        for interlaced in (False, True):
            form = " interlaced" if interlaced else ""
            for depth in (1, 2, 4, 8):
                variants[f"grey {depth}{form}"] = png(noise(depth, 1, depth), 0, depth, interlaced)
                palette = noise(40 + depth, 3, 8, 1, 2 ** depth).tobytes()
                variants[f"palette {depth}{form}"] = png(
                    noise(20 + depth, 1, depth), 3, depth, interlaced, [(b"PLTE", palette)])
            variants[f"colour{form}"] = png(noise(60, 3), 2, 8, interlaced)
            opaque = noise(61, 4)
            opaque[..., 3] = 255
            variants[f"colour with an alpha of 255{form}"] = png(opaque, 6, 8, interlaced)
            variants[f"grey with an alpha of 255{form}"] = png(opaque[..., 2:], 4, 8, interlaced)
        # Colour metadata does not change pixels.
        for name, data in ((b"gAMA", struct.pack(">I", 100_000)), (b"gAMA", struct.pack(">I", 45_455)), (b"sRGB", b"\1"),
                           (b"cHRM", struct.pack(">8I", *[30_000] * 8)), (b"sBIT", b"\5"), (b"bKGD", b"\0\x40"),
                           (b"tEXt", b"a\0b"), (b"tIME", struct.pack(">HBBBBB", 2020, 1, 1, 1, 1, 1))):
            variants[f"with {name.decode()} {data[:4].hex()}"] = png(noise(70, 1), 0, 8, extra=[(name, data)])
        for orientation in (1, 3, 6, 8):
            variants[f"eXIf {orientation}"] = png(noise(71, 1), 0, 8, extra=[(b"eXIf", exif(orientation))])
            variants[f"JPEG with EXIF {orientation}"] = jpeg(80, "RGB", exif=b"Exif\0\0" + exif(orientation))
        for mode in ("L", "RGB"):
            for form, options in (("", {}), (" progressive", dict(progressive=True)), (" optimized", dict(optimize=True)),
                                  (" of quality 20", dict(quality=20)), (" 4:4:4", dict(subsampling=0)),
                                  (" with restarts", dict(restart_marker_blocks=1))):
                variants[f"JPEG {mode}{form}"] = jpeg(90, mode, **options)
        variants["JPEG 4:2:2"] = jpeg(91, "RGB", subsampling=1)
        self.assertGreater(len(variants), 45)
        for name, data in variants.items():
            with self.subTest(name), Image.open(io.BytesIO(data)) as image:
                told, pixels = self.read(data)
                mode = "L" if image.mode in ("1", "L", "LA") else "RGB"
                expected = numpy.asarray(image.convert(mode))
                self.assertEqual(pixels.shape, expected.shape)
                numpy.testing.assert_array_equal(pixels, expected)
                turned = name.split()[-1] in ("3", "6", "8") and "IF" in name.upper()
                self.assertEqual(any("EXIF" in note for note in told["notes"]), turned, told["notes"])

    def test_16_bits_are_scaled_by_the_largest_training_value(self):
        for kind, channels, largest, interlaced in ((0, 1, 65_535, False), (0, 1, 4_095, True), (0, 1, 200, False),
                                                    (2, 3, 4_095, False), (2, 3, 65_535, True)):
            with self.subTest(kind=kind, largest=largest):
                draw = numpy.random.default_rng(largest + kind)
                images = [draw.integers(0, largest + 1, (HEIGHT, WIDTH, channels)) for _ in range(3)]
                images[1][0, 0, 0] = largest
                images[2][0, 0, 0] = min(65_535, 2 * largest)   # of the test part: it becomes 255
                files = [png(image, kind, 16, interlaced) for image in images]
                root = self.lay({"train/a/0.png": files[0], "train/b/1.png": files[1], "test/a/2.png": files[2]},
                                f"deep{kind}-{largest}")
                told, arrays = self.check(root)
                read = [arrays["x_train"][0], arrays["x_train"][1], arrays["x_test"][0]]
                for pixels, image in zip(read, images):
                    numpy.testing.assert_array_equal(pixels, scaled(image, largest).reshape(pixels.shape))
                self.assertEqual(told["reading"]["largestValue"], largest)
                self.assertTrue(any("16 bits" in note and str(largest) in note for note in told["notes"]))

    def test_transparency_is_laid_on_what_the_ink_differs_from(self):
        for kind, depth, interlaced, ink in ((4, 8, False, 20), (4, 8, True, 230), (6, 8, False, 20), (6, 8, True, 230),
                                             (4, 16, False, 300), (6, 16, True, 60_000)):
            with self.subTest(kind=kind, depth=depth, ink=ink):
                channels = 2 if kind == 4 else 4
                images = [noise(kind * 10 + depth + k, channels, depth).astype(int) for k in range(3)]
                full = 2 ** depth - 1
                for image in images:
                    image[..., :-1] = ink + image[..., :-1] % 20
                images[0][0, 0, 0] = full                        # a single light one, which sets the scale of 16 bits
                root = self.lay({f"{place}.png": png(image, kind, depth, interlaced)
                                 for place, image in zip(("train/a/0", "train/b/1", "test/a/2"), images)},
                                f"alpha{kind}-{depth}-{ink}")
                told, arrays = self.check(root)
                # The formula in DATA.md.
                alphas = [image[..., -1] if depth == 8 else (255 * image[..., -1] + 32_767) // 65_535 for image in images]
                largest = 255 if depth == 8 else max(image[..., :-1].max() for image in images[:2])
                greys = [image[..., 0] if kind == 4 else grey_of(image) for image in images]
                weight = sum(alpha.sum() for alpha in alphas[:2])
                mean = sum((a * g).sum() for a, g in zip(alphas[:2], greys[:2])) * 255 / largest / weight
                background = 255 if mean < 127.5 else 0
                self.assertEqual(background, 255 if ink < full / 2 else 0)
                self.assertEqual(told["reading"]["background"], background)
                read = [arrays["x_train"][0], arrays["x_train"][1], arrays["x_test"][0]]
                for pixels, image, alpha in zip(read, images, alphas):
                    values = image[..., :-1] if depth == 8 else scaled(image[..., :-1], largest)
                    numpy.testing.assert_array_equal(pixels, composited(values, alpha, background).reshape(pixels.shape))

    def test_the_transparent_colours_of_trns(self):
        palette = numpy.array([[10, 20, 30], [200, 100, 50], [5, 5, 5], [90, 80, 70]], numpy.uint8)
        indices = noise(3, 1, 2)
        data = png(indices, 3, 2, extra=[(b"PLTE", palette.tobytes()), (b"tRNS", b"\x00\x80\xff")])
        told, pixels = self.read(data)
        alpha = numpy.array([0, 128, 255, 255])[indices[..., 0]]
        self.assertEqual(told["reading"]["background"], 255)
        numpy.testing.assert_array_equal(pixels, composited(palette[indices[..., 0]], alpha, 255))
        grey = noise(4, 1)
        told, pixels = self.read(png(grey, 0, 8, extra=[(b"tRNS", struct.pack(">H", int(grey[0, 0, 0])))]))
        alpha = numpy.where(grey[..., 0] == grey[0, 0, 0], 0, 255)
        numpy.testing.assert_array_equal(
            pixels, composited(grey, alpha, told["reading"]["background"])[..., 0])

    def test_the_rest_is_refused(self):
        others = {}
        for kind in ("BMP", "GIF", "TIFF", "WEBP"):
            out = io.BytesIO()
            Image.fromarray(noise(1, 3)).save(out, kind)
            others[f"a {'WebP' if kind == 'WEBP' else kind} image"] = out.getvalue()
        out = io.BytesIO()
        Image.fromarray(noise(1, 4), "CMYK").save(out, "JPEG")
        others["CMYK"] = out.getvalue()
        whole = jpeg(5, "RGB")
        others["remature end"] = whole[:len(whole) - 20]
        others["intact image"] = plain(1)[:-30]
        others["PNG or JPEG image"] = b"<html>"
        for words, data in others.items():
            with self.subTest(words):
                files = {**pets(4), "train/cat/002.png": data}
                self.refused(self.lay(files, words.replace(" ", "-")), "train/cat/002.png", words)

    def test_jpegs_that_libjpeg_warns_of_are_read_with_a_note(self):
        whole = jpeg(9, "RGB", subsampling=0)
        place = whole.index(b"JFIF\0") + 5
        unknown_version = whole[:place] + b"\x03\x00" + whole[place + 2:]
        length = struct.unpack(">H", whole[4:6])[0]
        adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\7"
        unknown_transform = whole[:2] + adobe + whole[4 + length:]
        table = whole.index(b"\xff\xdb")
        stray = whole[:table] + b"\1\2\3" + whole[table:]
        for name, data in (("version", unknown_version), ("transform", unknown_transform), ("stray", stray)):
            with self.subTest(name):
                told, pixels = self.read(data)
                with Image.open(io.BytesIO(whole)) as image:
                    numpy.testing.assert_array_equal(pixels, numpy.asarray(image))
                self.assertTrue(any("warnings" in note for note in told["notes"]), told["notes"])
                # Truncation is detected after the warning.
                self.refused(self.lay({"train/a/0.png": data[:-25], "train/b/1.png": plain(7), "test/a/2.png": plain(8)},
                                      f"cut-{name}"), "remature end")


class FolderTest(ImageTest):
    def test_names_are_bytes(self):
        files = pets(names=("caf\u00e9", "cafe\u0301", b"c\xe9".decode("utf8", "surrogateescape"), "x\u202ey\nz"))
        told, arrays = self.check(self.lay(files))
        self.assertEqual(sorted(len(one["name"]) for one in told["classes"]), [4, 5, 5, 13], told["classes"])
        names = {one["name"] for one in told["classes"]}
        self.assertIn("c\\xE9", names)
        self.assertIn("x\\u{202E}y\\nz", names)
        self.assertEqual(numpy.bincount(arrays["y_train"]).tolist(), [3, 3, 3, 3])
        notes = " ".join(told["notes"])
        self.assertIn("not UTF-8", notes)
        self.assertIn("look the same", notes)
        done = self.train(os.path.join(self.folder, "set"))
        self.assertEqual(done.returncode, 0, done.stderr)
        for text in (done.stdout, done.stderr):
            self.assertNotIn("\u202e", text)
        self.assertEqual(json.loads(done.stdout.splitlines()[0])["notes"][:1], told["notes"][:1])

    def test_one_class_in_two_normalizations(self):
        files = pets(names=("\u00fc", "o"))
        files = {name.replace("test/\u00fc", "test/u\u0308"): data for name, data in files.items()}
        told, arrays = self.check(self.lay(files))
        self.assertEqual(len(told["classes"]), 2)
        self.assertEqual(sorted(set(arrays["y_test"])), [0, 1])
        self.assertIn("another Unicode normalization", " ".join(told["notes"]))

    def test_a_dangling_link_in_place_of_a_class(self):
        root = self.lay(pets())
        os.symlink("/nowhere/eel", f"{root}/train/eel")
        self.refused(root, "train/eel", "link")

    def test_a_part_that_is_no_folder(self):
        for name, make in (("link", lambda path: os.symlink("/nowhere", path)), ("FIFO", os.mkfifo)):
            with self.subTest(name):
                root = self.lay({path: data for path, data in pets().items() if path.startswith("test")}, name)
                make(f"{root}/train")
                self.refused(root, f"{name}/train", "expected a folder", name)

    def test_the_folder_of_a_file_of_its_name(self):
        root = self.lay({f"{name}/{name}": b"x" for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")})
        self.refused(root, "train-images-idx3-ubyte", "found a folder")

    def test_what_is_passed_over_is_told(self):
        files = pets()
        for name in ("train/__MACOSX/1.png", "train/@eaDir/1.png", "train/lost+found/x", "train/.hidden/1.png",
                     "train/cat/Thumbs.db", "train/cat/.DS_Store", "train/cat/a.bmp", "train/cat/b.webp", "train/dog/c.BMP",
                     "train/dog/notes", "train/loose.png", "train/readme.txt", "train/dog/extra/9.png", "val/cat/1.png"):
            files[name] = plain(3)
        told, arrays = self.check(self.lay(files))
        self.assertEqual([one["name"] for one in told["classes"]], ["cat", "dog"])
        self.assertEqual(arrays["x_train"].shape[0], 12)
        notes = " | ".join(told["notes"])
        for words in ("hidden or system files and folders: 6", "files .bmp: 2, such as train/cat/a.bmp", "files .webp: 1",
                      "files without an extension: 1", "images outside of class folders: 1, such as train/loose.png",
                      "files beside the class folders: 1", "images in folders inside of classes: 1",
                      "folder val is not used"):
            self.assertIn(words, notes)

    def test_other_names_of_jpeg(self):
        files = {"train/a/1.jfif": jpeg(1, "L"), "train/b/1.jpe": jpeg(2, "L"), "test/a/1.JFIF": jpeg(3, "L")}
        told, _ = self.check(self.lay(files))
        self.assertEqual((told["trainingImages"], told["notes"][1:]), (2, []))

    def test_a_deeper_folder(self):
        files = {"outer/inner/" + name: data for name, data in pets().items()}
        told, _ = self.check(self.lay({**files, "__MACOSX/x": b""}, "wrapped"))
        self.assertIn("outer/inner, the only folder", " ".join(told["notes"]))
        files = {name.replace("train/", "train/train/").replace("cat/", "cat/images/"): data for name, data in pets().items()}
        told, arrays = self.check(self.lay(files, "deeper"))
        self.assertEqual([one["name"] for one in told["classes"]], ["cat", "dog"])
        self.assertIn("in a subfolder", " ".join(told["notes"]))
        files = {name.replace("cat/", f"cat/{k % 2}/"): data for k, (name, data) in enumerate(pets(8).items())}
        files.update({"train/cat/0/9.png": plain(1), "train/cat/1/9.png": plain(2)})
        self.refused(self.lay(files, "ambiguous"), "train/cat", "folders of images")

    def test_a_part_that_is_missing_flat_or_empty(self):
        train = {name: data for name, data in pets().items() if name.startswith("train")}
        flat = {"test/" + os.path.basename(name): data for name, data in train.items()}
        self.assertIn("without a class", self.refused(self.lay({**train, **flat}, "flat"), "test"))
        root = self.lay(train, "empty")
        os.mkdir(f"{root}/test")
        self.refused(root, "empty/test", "expected a folder of images for each class")
        only = {name: data for name, data in pets().items() if name.startswith("test")}
        self.assertNotIn("none of these", self.refused(self.lay(only, "untaught"), "expected a folder train beside"))
        self.assertNotIn("none of these", self.refused(self.lay(train, "untested"), "expected a folder test beside"))

    @unittest.skipIf(os.getuid() != 0, "as root the tests drop to another user; a user's own are tried below")
    def test_permissions_as_another_user(self):
        root = self.lay(pets())
        os.chmod(self.folder, 0o755)
        for place in ("", "test", "train/cat", "train/dog/001.png"):
            with self.subTest(place):
                target = os.path.join(root, place)
                mode = os.stat(target).st_mode
                os.chmod(target, 0)
                done = subprocess.run(
                    [os.environ.get("SIGNFLIP") or __import__("screen").PROGRAM, "data", "check", root], user=65534,
                    capture_output=True, text=True, stdin=subprocess.DEVNULL, env=self.environment(), timeout=60)
                os.chmod(target, mode)
                self.check_refused(done, "permission", os.path.basename(target))

    def test_what_is_no_file_is_never_waited_for(self):
        for place, make in (("train/cat/000.png", os.mkfifo), ("train/eel", os.mkfifo)):
            with self.subTest(place):
                root = self.lay(pets(), place.replace("/", "-"))
                target = os.path.join(root, place)
                if os.path.exists(target):
                    os.remove(target)
                make(target)
                done = self.signflip("data", "check", root, timeout=20)
                if place.endswith("png"):
                    self.check_refused(done, "found a FIFO", place)
                else:
                    self.assertEqual(done.returncode, 0)
                    self.assertIn("train/eel", done.stdout)
        root = self.lay({}, "idx")
        os.makedirs(root)
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
            os.mkfifo(os.path.join(root, name))
        self.check_refused(self.signflip("data", "check", root, timeout=20), "FIFO")

    def test_data_get_refuses_a_fifo(self):
        pipe = os.path.join(self.folder, "cifar-10-binary.tar.gz")
        os.mkfifo(pipe)
        os.mkdir(os.path.join(self.folder, "data"))
        for source in (pipe, "file://" + pipe, "/dev/zero"):
            with self.subTest(source):
                done = self.signflip("data", "get", "cifar-10", "--data", os.path.join(self.folder, "data"), "--from", source,
                                     timeout=20)
                self.check_refused(done, "expected a file or a folder")


class SetTest(ImageTest):
    def test_one_grey_image_among_colours(self):
        files = pets(make=lambda seed: png(noise(seed, 3), 2, 8))
        files["train/cat/000.png"] = png(noise(5, 1), 0, 8)
        told, arrays = self.check(self.lay(files))
        self.assertEqual(told["channels"], 3)
        numpy.testing.assert_array_equal(arrays["x_train"][0], numpy.repeat(noise(5, 1), 3, 2))
        self.assertTrue(any("1 image of 18 in grey" in note for note in told["notes"]), told["notes"])

    def test_images_of_a_single_value(self):
        files = pets()
        files["train/dog/001.png"] = png(numpy.full((HEIGHT, WIDTH, 1), 9), 0, 8)
        told, _ = self.check(self.lay(files))
        self.assertIn("1 of 12 training images are constant", " ".join(told["notes"]))
        told, _ = self.check(self.lay(pets(make=lambda _: plain(1)), "same"))
        self.assertIn("all 12 training images are identical", " ".join(told["notes"]))

    def test_bad_files_are_listed_and_can_be_left_out(self):
        files = pets(60)
        bad = [name for name in files if name.startswith("train")][3:27:2]
        files.update({name: plain(1)[:40] for name in bad})
        root = self.lay(files)
        said = self.refused(root, "12 of 90 files", "--skip-unreadable", *bad[:10])
        self.assertIn("and 2 more", said)
        self.assertNotIn(bad[10], said)
        told, arrays = self.check(root, "--skip-unreadable")
        self.assertEqual(arrays["x_train"].shape[0], 48)
        self.assertIn("12 files skipped because unreadable", " ".join(told["notes"]))
        # Recorded: resume and replay skip the same images without the option.
        done = self.train(root, "--skip-unreadable", "--lanes", "baseline", "--set", "hidden=[16]")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("12 files skipped because unreadable", done.stderr)
        run, = os.listdir(self.runs)
        with open(os.path.join(self.runs, run, "experiment.yaml")) as file:
            self.assertIn("skipUnreadable: true", file.read())
        with open(os.path.join(self.runs, run, "log")) as file:
            self.assertIn("skipped", file.read())
        self.assertIn("skipped", self.signflip("runs", "show", run).stdout)
        self.assertEqual(self.signflip("replay", run).returncode, 0)

    def test_one_bad_file_of_a_class(self):
        files = pets(4)
        files["train/cat/000.png"] = files["train/cat/002.png"] = b"x"
        self.refused(self.lay(files), "train/cat", options=("--skip-unreadable",))

    def test_small_sets(self):
        for count, validation in ((4, 2), (5, 2), (6, 1), (12, 2)):
            with self.subTest(count):
                done = self.train(self.lay(pets(count), f"small{count}"), "--no-record", "--set", "hidden=[8]")
                self.assertEqual(done.returncode, 0, done.stderr)
                started = json.loads(done.stdout.splitlines()[0])
                self.assertEqual((started["trainingImages"], started["validationImages"]), (count - validation, validation))
                self.assertIn("for validation, so its accuracy", done.stderr)
        self.check_refused(self.train(self.lay(pets(3), "lone"), "--no-record"), "at least 2 training images", "dog")

    def test_the_scale_is_kept_in_the_run_and_its_checkpoints(self):
        root = self.lay(pets(make=lambda seed: png(noise(seed, 1, 12), 0, 16)))
        done = self.train(root, "--lanes", "binary", "--set", "hidden=[16]")
        self.assertEqual(done.returncode, 0, done.stderr)
        run, = os.listdir(self.runs)
        document = json.loads(self.signflip("runs", "export", run, "--format", "json").stdout)
        largest = document["description"]["pixels"]["largestValue"]
        self.assertEqual(largest, max(noise(seed, 1, 12).max() for seed in range(12)))
        folder = os.path.join(self.runs, run, "checkpoints")
        name = sorted(os.listdir(folder))[-1]
        with open(os.path.join(folder, name), "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        state = json.loads(header["__metadata__"]["state"])
        self.assertEqual(state["pixels"], {"channels": 1, "largestValue": largest})

    def test_the_output_is_a_new_file(self):
        root = self.lay(pets())
        target = self.write("there.npz", b"mine")
        self.refused(root, "there.npz", "expected a new file", options=("-o", target))
        with open(target, "rb") as file:
            self.assertEqual(file.read(), b"mine")


if __name__ == "__main__":
    unittest.main()
