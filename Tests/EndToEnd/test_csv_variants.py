"""CSV variants of image data: the program reads the same values as pandas, or rejects the file with a reason."""
import gzip
import io
import os
import unittest

import numpy
import pandas

from program import ProgramTest

SIDE, CLASSES = 6, 3
PIXELS = SIDE * SIDE
NAMES = [f"pixel{number}" for number in range(PIXELS)]


def table(count, seed, channels=1):
    """Labels in the first column; the border of each image is black, as in scans."""
    draw = numpy.random.default_rng(seed)
    images = draw.integers(0, 256, (count, SIDE, SIDE, channels))
    images[:, 0] = images[:, -1] = 0
    labels = numpy.arange(count) % CLASSES
    return numpy.column_stack([labels, images.reshape(count, -1)])


def frame(seed, count=30, label="label", at=0, names=NAMES):
    rows = table(count, seed)
    columns = pandas.DataFrame(rows[:, 1:], columns=names)
    columns.insert(at, label, rows[:, 0])
    return columns


def csv(data, **how):
    return data.to_csv(**{"index": False, **how}).encode()


def bare(data, **how):
    return csv(data, header=False, **how)


def plain(text, label="label", drop=(), **how):
    """Pixels and labels as read by pandas."""
    data = pandas.read_csv(io.BytesIO(text), **how)
    labels = data[data.columns[label]] if isinstance(label, int) else data[label]
    pixels = data.drop(columns=[labels.name, *drop])
    return pixels.to_numpy(), labels.to_numpy()


def numbered(seed):
    rows = table(30, seed)
    return pandas.DataFrame(rows)


def saved(seed, **how):
    text = io.BytesIO()
    numpy.savetxt(text, table(30, seed), delimiter=",", **how)
    return text.getvalue()


def mangled(seed):
    """A table without a header that was read and saved with pandas, so that its first image became names."""
    return csv(pandas.read_csv(io.BytesIO(bare(frame(seed)))))


def named(seed, at=0):
    data = frame(seed, at=at)
    data["label"] = data["label"].map({0: "zebra", 1: "Äpfel", 2: "cat, black"})
    return data


def colored(seed):
    rows = table(30, seed, channels=3)
    return csv(pandas.DataFrame(rows, columns=["label"] + [f"p{k}" for k in range(3 * PIXELS)]))


def indexed(seed, name):
    data = frame(seed)
    data.insert(0, name, numpy.arange(len(data)) + 300)
    return data


def gaps(seed):
    data = frame(seed)
    data["label"] = data["label"] * 7 + 1
    return csv(data)


def lines(text, *changes):
    rows = text.decode().splitlines()
    for row, line in changes:
        rows[row] = line(rows[row])
    return ("\n".join(rows) + "\n").encode()


# A function that writes the file for a seed, and the arguments with which pandas reads it.
READ = {
    "label first": (lambda s: csv(frame(s)), {}),
    "label last": (lambda s: csv(frame(s, at=PIXELS)), {}),
    "label in the middle": (lambda s: csv(frame(s, at=17)), {}),
    "class, last": (lambda s: csv(frame(s, label="class", at=PIXELS)), dict(label="class")),
    "TARGET": (lambda s: csv(frame(s, label="TARGET")), dict(label="TARGET")),
    "y": (lambda s: csv(frame(s, label="y", at=PIXELS)), dict(label="y")),
    "no header": (lambda s: bare(frame(s)), dict(header=None, label=0)),
    "no header, CRLF": (lambda s: bare(frame(s), lineterminator="\r\n"), dict(header=None, label=0)),
    "CR alone": (lambda s: csv(frame(s), lineterminator="\r"), dict(lineterminator="\r")),
    "CRLF": (lambda s: csv(frame(s), lineterminator="\r\n"), {}),
    "byte order mark": (lambda s: b"\xef\xbb\xbf" + csv(frame(s)), dict(encoding="utf-8-sig")),
    "semicolons": (lambda s: csv(frame(s), sep=";"), dict(sep=";")),
    "tabs": (lambda s: csv(frame(s, at=PIXELS), sep="\t"), dict(sep="\t")),
    "tabs, no header": (lambda s: bare(frame(s), sep="\t"), dict(sep="\t", header=None, label=0)),
    "all quoted": (lambda s: csv(frame(s), quoting=1), {}),
    "names quoted": (lambda s: csv(frame(s), quoting=2), {}),
    "fractions of zero": (lambda s: csv(frame(s).astype(float)), {}),
    "six decimals": (lambda s: csv(frame(s).astype(float), float_format="%.6f"), {}),
    "NumPy's savetxt": (lambda s: saved(s), dict(header=None, label=0)),
    "savetxt, whole numbers": (lambda s: saved(s, fmt="%d"), dict(header=None, label=0)),
    "savetxt, padded": (lambda s: saved(s, fmt="%5.1f"), dict(header=None, label=0)),
    "pandas' numbers as header": (lambda s: csv(numbered(s)), dict(label=0)),
    "pandas' header and index": (lambda s: numbered(s).to_csv().encode(), dict(label="0", drop=["Unnamed: 0"])),
    "pandas' index": (lambda s: frame(s).to_csv().encode(), dict(drop=["Unnamed: 0"])),
    "pandas' index, saved twice": (lambda s: csv(indexed(s, "Unnamed: 0")), dict(drop=["Unnamed: 0"])),
    "id": (lambda s: csv(indexed(s, "Id")), dict(drop=["Id"])),
    "index": (lambda s: csv(indexed(s, "index")), dict(drop=["index"])),
    "a first image as header": (mangled, dict(label=0)),
    "names as labels": (lambda s: csv(named(s)), {}),
    "names as labels, last": (lambda s: csv(named(s, at=PIXELS)), {}),
    "names as labels, no header": (lambda s: bare(named(s)), dict(header=None, label=0)),
    "names, quoted": (lambda s: csv(named(s), quoting=2), {}),
    "labels with gaps": (gaps, {}),
    "colour": (colored, {}),
    "empty lines behind": (lambda s: csv(frame(s)) + b"\n\r\n\n", {}),
    "no last line break": (lambda s: csv(frame(s))[:-1], {}),
    "blanks behind commas": (lambda s: csv(frame(s)).replace(b",", b", "), dict(skipinitialspace=True)),
    "zeros in front": (lambda s: lines(csv(frame(s)), (3, lambda row: row.replace(",", ",00"))), {}),
}

# Ambiguous or damaged files, which are rejected with this reason.
REFUSED = {
    "two label columns": (lambda s: csv(frame(s).assign(**{"class": 1})), "one column of labels"),
    "a missing value": (lambda s: lines(csv(frame(s)), (4, lambda row: row.replace(",0,", ",,", 1))), "found nothing in row 5"),
    "not a number": (lambda s: lines(csv(frame(s)), (4, lambda row: row.replace(",0,", ",NaN,", 1))), "“NaN” in row 5"),
    "a fraction": (lambda s: lines(csv(frame(s)), (4, lambda row: row.replace(",0,", ",0.5,", 1))), "“0.5” in row 5"),
    "a negative value": (lambda s: lines(csv(frame(s)), (4, lambda row: row.replace(",0,", ",-3,", 1))), "“-3” in row 5"),
    "a value above 255": (lambda s: lines(csv(frame(s)), (4, lambda row: row.replace(",0,", ",256,", 1))), "“256” in row 5"),
    "a short row": (lambda s: lines(csv(frame(s)), (9, lambda row: row[: row.rindex(",")])), "expected 37 values in row 10, found 36"),
    "decimal commas": (lambda s: csv(frame(s).astype(float), sep=";", decimal=","), "“0,0” in row 2"),
    "UTF-16": (lambda s: csv(frame(s)).decode().encode("utf-16"), "found UTF-16"),
    "NUL bytes behind": (lambda s: csv(frame(s)) + bytes(3), "a NUL byte (0x00)"),
    "label last, no header": (lambda s: bare(frame(s, at=PIXELS)), "a header that names it"),
    "one class": (lambda s: csv(frame(s).assign(label=5)), "at least two classes"),
    "blank as separator": (lambda s: bare(frame(s), sep=" "), "separated by commas, semicolons or tabs"),
    "no square": (lambda s: csv(frame(s).drop(columns=["pixel7"])), "a square image"),
}


class CSVVariantTest(ProgramTest):
    def write(self, make, suffix=".csv", pack=lambda text: text):
        folder = os.path.join(self.folder, "table")
        os.makedirs(folder, exist_ok=True)
        texts = []
        for seed, part in enumerate(("train", "test")):
            texts.append(make(seed))
            with open(os.path.join(folder, part + suffix), "wb") as file:
                file.write(pack(texts[-1]))
        return folder, texts

    def check(self, folder):
        output = os.path.join(self.folder, "set.npz")
        if os.path.exists(output):
            os.remove(output)
        return self.signflip("data", "check", folder, "--output", output), output

    def expect_pandas(self, folder, texts, how):
        result, output = self.check(folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = numpy.load(output)
        for part, text in zip(("train", "test"), texts):
            pixels, labels = plain(text, **how)
            images = found[f"x_{part}"]
            self.assertTrue(numpy.array_equal(images.reshape(len(images), -1), pixels))
            # A label is an index into the class names, which are the labels in the file.
            names = [str(found["classes"][label]) for label in found[f"y_{part}"]]
            self.assertEqual(names, [str(int(x)) if isinstance(x, (int, float, numpy.number)) else x for x in labels])
        return result

    def test_variants_agree_with_pandas(self):
        for name, (make, how) in READ.items():
            with self.subTest(name):
                folder, texts = self.write(make)
                self.expect_pandas(folder, texts, how)

    def test_compressed_tables(self):
        folder, texts = self.write(READ["label last"][0], ".csv.gz", lambda text: gzip.compress(text[:99]) + gzip.compress(text[99:]))
        self.expect_pandas(folder, texts, {})

    def test_others_are_refused(self):
        for name, (make, reason) in REFUSED.items():
            with self.subTest(name):
                folder, _ = self.write(make)
                result, output = self.check(folder)
                self.assertEqual(result.returncode, 1)
                self.assertTrue(result.stderr.startswith("Error: "), result.stderr)
                self.assertIn(reason, result.stderr)
                self.assertIn("train.csv", result.stderr)
                self.assertFalse(os.path.exists(output))

    def test_what_was_guessed_is_told(self):
        folder, _ = self.write(lambda s: csv(indexed(s, "Id")))
        result, _ = self.check(folder)
        self.assertIn("train.csv: ignored column 1 “Id”, which contains row numbers", result.stdout)


if __name__ == "__main__":
    unittest.main()
