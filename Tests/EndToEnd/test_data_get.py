"""Downloads of data sets: they are resumed, verified, and unpacked atomically. The mirror is local."""
import fcntl
import gzip
import hashlib
import io
import os
import random
import re
import signal
import ssl
import struct
import subprocess
import tarfile
import unittest

from mirror import Mirror
from program import ProgramTest, labels
from screen import PROGRAM, Home, Terminal

NAMES = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
BATCHES = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
DEBIAN = "/usr/share/datasets/fashion-mnist"


def sums(*contents):
    return [word for content in contents for word in ("--sha256", hashlib.sha256(content).hexdigest())]


def noise(size, seed):
    return random.Random(seed).randbytes(size)


def four_files():
    """A small IDX data set whose images are noise, which gzip can't compress."""
    files = {}
    for name in NAMES:
        count = 400 if name.startswith("train") else 100
        content = labels(count) if "labels" in name else struct.pack(">IIII", 0x803, count, 28, 28) + noise(count * 784, 1)
        files[name] = gzip.compress(content, mtime=0)
    return files


def archive(entries):
    """A .tar.gz of names with bytes, or with a TarInfo."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in entries:
            entry = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            if isinstance(content, bytes):
                entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content) if isinstance(content, bytes) else None)
    return file.getvalue()


def link(name, target, kind=tarfile.SYMTYPE):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def cifar_entries():
    entries = [(f"cifar-10-batches-bin/{name}", noise(30_000, name)) for name in BATCHES]
    return entries + [("cifar-10-batches-bin/batches.meta.txt", b"airplane\n")]


class DataGetTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.data = os.path.join(self.folder, "sets")
        self.files = four_files()
        self.sums = sums(*self.files.values())

    def environment(self, **changed):
        # Neither the machine's proxies nor the user's settings.
        own = dict(no_proxy="*", HOME=self.folder, NO_COLOR="")
        return super().environment(**{**own, **changed})

    def mirror(self, files, below="/some/where"):
        mirror = Mirror({f"{below}/{name}": content for name, content in files.items()})
        self.addCleanup(mirror.close)
        mirror.base = mirror.address + below
        return mirror

    def get(self, *arguments, **options):
        return self.signflip("data", "get", *arguments, "--data", self.data, **options)

    def tree(self, folder=None):
        """All files below a folder with their contents; empty folders count as empty files."""
        found = {}
        for path, folders, names in os.walk(folder or self.data):
            if not folders and not names:
                found[os.path.relpath(path, folder or self.data)] = None
            for name in names:
                with open(os.path.join(path, name), "rb") as file:
                    found[os.path.relpath(file.name, folder or self.data)] = file.read()
        return found

    def check_complete(self, done, files=None, folder="mnist"):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"{folder} is in {self.data}/{folder}\n")
        self.assertEqual(self.tree(), {f"{folder}/{name}": content for name, content in (files or self.files).items()})

    def put(self, name, content):
        path = os.path.join(self.data, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    # Four files.

    def test_a_data_set_comes_whole_and_is_left_alone_then(self):
        mirror = self.mirror(self.files)
        done = self.get("mnist", "--from", mirror.base, *self.sums)
        self.check_complete(done)
        self.assertEqual([path.rpartition("/")[2] for path, _ in mirror.requests], NAMES)
        # No terminal, no control characters.
        self.assertIsNone(re.search(r"[\r\x1b]", done.stderr), done.stderr)
        self.assertIn(f"getting {mirror.base}/{NAMES[0]}", done.stderr)
        for arguments in ([], ["--data", self.data], ["list", "--data", self.data]):
            listed = self.signflip("data", *arguments, SIGNFLIP_DATA=self.data)
            self.assertIn(f"found     {self.data}/mnist", listed.stdout)
        again = self.get("mnist", "--from", mirror.base, *self.sums)
        self.assertEqual(again.stdout, f"mnist is already in {self.data}/mnist\n")
        self.assertEqual(again.returncode, 0)
        self.assertEqual(len(mirror.requests), 4)

    def test_where_it_goes(self):
        mirror = self.mirror(self.files)
        usual = os.path.join(self.folder, "data", "signflip", "datasets")
        own = os.path.join(self.folder, "own")
        for environment, folder in ((dict(SIGNFLIP_DATA=own), own), ({}, usual)):
            done = self.signflip("data", "get", "mnist", "--from", mirror.base, *self.sums, **environment)
            self.assertEqual(done.stdout, f"mnist is in {folder}/mnist\n", done.stderr)
            self.assertEqual(len(self.tree(folder)), 4)
        # If a folder is given, the data set in another folder does not count.
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))

    def test_wrong_bytes_are_told_and_deleted(self):
        mirror = self.mirror(self.files)
        found = hashlib.sha256(self.files[NAMES[0]]).hexdigest()
        wanted = "0123456789abcdef" * 4
        done = self.get("mnist", "--from", mirror.base, "--sha256", wanted, *self.sums[2:])
        self.check_refused(done, f"{mirror.base}/{NAMES[0]}", f"expected SHA-256 {wanted}", f"found {found}")
        self.assertEqual(self.tree(), {})

    def test_another_source_has_to_have_the_known_files(self):
        mirror = self.mirror(self.files)
        done = self.get("mnist", "--from", mirror.base)
        self.check_refused(done, "expected 9912422 bytes", f"found the end after {len(self.files[NAMES[0]])}")
        big = self.mirror({NAMES[0]: noise(9_912_422, 3)})
        done = self.get("mnist", "--from", big.base)
        self.check_refused(done, "expected SHA-256 440fcabf73cc546f", "found ")
        # Data beyond the expected size are not received.
        endless = self.mirror({NAMES[0]: noise(9_912_423, 3)})
        self.check_refused(self.get("mnist", "--from", endless.base), "expected 9912422 bytes, found more")
        self.assertNotIn(f"mnist/{NAMES[0]}", self.tree())

    def test_cut_connections_are_resumed(self):
        mirror = self.mirror(self.files)
        mirror.misbehave(dict(cut=50_000), dict(cut=70_000), dict(cut=0), dict(cut=1))
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))
        self.assertEqual(mirror.ranges(NAMES[0]), [None, 50_000, 120_000, 120_000, 120_001])

    def test_a_server_that_is_unwell_is_asked_again(self):
        mirror = self.mirror(self.files)
        mirror.misbehave(dict(status=503), dict(status=429))
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))
        mirror.misbehave(*[dict(status=503)] * 9)
        self.data += "2"
        done = self.get("mnist", "--from", mirror.base, *self.sums)
        self.check_refused(done, "the server answers 503")
        self.assertEqual(len(mirror.faults), 6)
        self.assertEqual(self.tree(), {})

    def test_what_came_before_is_gone_on_with(self):
        mirror = self.mirror(self.files)
        self.put(f"mnist/{NAMES[0]}.part", self.files[NAMES[0]][:100_000])
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))
        self.assertEqual(mirror.ranges(NAMES[0]), [100_000])

    def test_what_came_before_is_whole(self):
        mirror = self.mirror(self.files)
        self.put(f"mnist/{NAMES[0]}.part", self.files[NAMES[0]])
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))

    def test_what_came_before_is_of_something_else(self):
        for size in (1000, 10_000_000):
            with self.subTest(size=size):
                mirror = self.mirror(self.files)
                part = self.put(f"mnist/{NAMES[0]}.part", b"x" * size)
                done = self.get("mnist", "--from", mirror.base, *self.sums)
                self.check_complete(done)
                self.assertIn("starting again", done.stderr)
                self.assertFalse(os.path.exists(part))
                self.data += "2"

    def test_a_server_without_ranges_sends_all_again(self):
        mirror = self.mirror(self.files)
        mirror.takes_ranges = False
        mirror.misbehave(dict(cut=100_000))
        done = self.get("mnist", "--from", mirror.base, *self.sums)
        self.check_complete(done)
        self.assertIn("cannot resume the download; starting again", done.stderr)
        self.assertEqual(mirror.ranges(NAMES[0]), [None, 100_000, None])

    def test_a_server_without_ranges_that_always_breaks_off_is_given_up(self):
        mirror = self.mirror(self.files)
        mirror.takes_ranges = False
        mirror.misbehave(*[dict(cut=100_000)] * 50)
        done = self.get("mnist", "--from", mirror.base, *self.sums)
        self.assertEqual(done.returncode, 1)
        # Why it was interrupted, and why it could not be resumed.
        self.assertRegex(done.stderr, "Error: .* bytes .*; the server cannot resume the download\n$")
        self.assertLess(len(mirror.requests), 12)

    def test_a_server_that_tells_no_length(self):
        mirror = self.mirror(self.files)
        mirror.misbehave(dict(silent=True), dict(silent=True))
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))

    def test_what_is_not_there(self):
        mirror = self.mirror({})
        done = self.get("mnist", "--from", mirror.base, *self.sums)
        self.check_refused(done, f"{mirror.base}/{NAMES[0]}", "the server answers 404")
        self.assertEqual(len(mirror.requests), 1)
        nobody = "http://127.0.0.1:9/nothing"
        self.check_refused(self.get("mnist", "--from", nobody, *self.sums), nobody, "connect")
        self.assertEqual(self.tree(), {})

    def test_redirections(self):
        mirror = self.mirror(self.files)
        mirror.misbehave(dict(location=f"{mirror.base}/{NAMES[0]}"))
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))
        self.assertEqual(len(mirror.ranges(NAMES[0])), 2)
        # A server must not redirect to local files.
        self.data += "2"
        mirror.misbehave(dict(location="file:///etc/passwd"))
        self.check_refused(self.get("mnist", "--from", mirror.base, *self.sums), "rotocol")
        self.assertEqual(self.tree(), {})

    def test_certificates_are_verified(self):
        key, certificate = (os.path.join(self.folder, name) for name in ("key.pem", "certificate.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "1",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        mirror = self.mirror(self.files)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        mirror.server.socket = context.wrap_socket(mirror.server.socket, server_side=True)
        source = mirror.base.replace("http:", "https:")
        self.check_refused(self.get("mnist", "--from", source, *self.sums), source, "certificate")
        self.assertEqual((mirror.requests, self.tree()), ([], {}))

    def test_ctrl_c_keeps_what_came(self):
        mirror = self.mirror(self.files)
        mirror.misbehave(dict(rate=100_000))
        process = self.start("data", "get", "mnist", "--data", self.data, "--from", mirror.base, *self.sums)
        part = os.path.join(self.data, "mnist", NAMES[0] + ".part")
        self.wait_until("a piece", lambda: os.path.exists(part) and os.path.getsize(part) > 30_000)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=10)
        self.assertEqual(process.returncode, 1)
        self.assertIn(f"the received part is in {part}", told)
        size = os.path.getsize(part)
        self.assertGreater(size, 30_000)
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))
        self.assertEqual(mirror.ranges(NAMES[0]), [None, size])

    def test_kill_keeps_what_came(self):
        mirror = self.mirror(self.files)
        mirror.misbehave(dict(rate=100_000))
        process = self.start("data", "get", "mnist", "--data", self.data, "--from", mirror.base, *self.sums)
        part = os.path.join(self.data, "mnist", NAMES[0] + ".part")
        self.wait_until("a piece", lambda: os.path.exists(part) and os.path.getsize(part) > 30_000)
        self.end(process)
        self.check_complete(self.get("mnist", "--from", mirror.base, *self.sums))
        self.assertGreater(mirror.ranges(NAMES[0])[-1], 30_000)

    def test_two_at_once(self):
        mirror = self.mirror(self.files)
        with open(self.put(f"mnist/{NAMES[0]}.part", b"abc"), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            done = self.get("mnist", "--from", mirror.base, *self.sums)
            self.check_refused(done, "another process is downloading this file")
        self.assertEqual(self.tree(), {f"mnist/{NAMES[0]}.part": b"abc"})

    def test_own_files_are_not_written_over(self):
        mirror = self.mirror(self.files)
        own = gzip.compress(b"my own")
        self.put(f"mnist/{NAMES[1]}", own)
        self.put("mnist/t10k-labels-idx1-ubyte", b"my own")
        done = self.get("mnist", "--from", mirror.base, *self.sums)
        self.assertEqual(done.returncode, 0, done.stderr)
        tree = self.tree()
        self.assertEqual(tree[f"mnist/{NAMES[1]}"], own)
        self.assertEqual(len(tree), 4)
        self.assertEqual([path.rpartition("/")[2] for path, _ in mirror.requests], [NAMES[0], NAMES[2]])

    def test_damaged_gzip_data_are_refused_though_their_sha256_is_right(self):
        name = NAMES[0]
        whole = self.files[name]
        for damage, reason in ((whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:], "checksum"), (whole[:-3], "truncated")):
            with self.subTest(reason):
                mirror = self.mirror({**self.files, name: damage})
                wrong = [*sums(damage), *self.sums[2:]]
                done = self.get("mnist", "--from", mirror.base + "/", *wrong)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{name}: expected intact gzip data", done.stderr)
                self.assertIn(reason, done.stderr)
                self.assertEqual(self.tree(), {})

    def test_holes_of_a_sparse_archive_are_zeros(self):
        top = os.path.join(self.folder, "sparse")
        os.makedirs(os.path.join(top, "cifar-10-batches-bin"))
        for name, content in cifar_entries():
            self.write(os.path.join(top, name), content)
        hole, tail = (os.path.join(top, "cifar-10-batches-bin", name) for name in BATCHES[:2])
        os.truncate(hole, 0)
        os.truncate(hole, 300_000)
        os.truncate(tail, 200_000)
        path = os.path.join(self.folder, "sparse.tar.gz")
        subprocess.run(["tar", "-C", top, "--sparse", "-czf", path, "cifar-10-batches-bin"], check=True)
        with open(path, "rb") as file:
            done = self.get("cifar-10", "--from", path, *sums(file.read()))
        self.assertEqual(done.returncode, 0, done.stderr)
        found = self.tree(os.path.join(self.data, "cifar-10-batches-bin"))
        self.assertEqual(found[BATCHES[0]], bytes(300_000))
        self.assertEqual(found[BATCHES[1]], noise(30_000, BATCHES[1]) + bytes(170_000))

    def test_from_a_folder_and_from_files(self):
        folder = os.path.join(self.folder, "my downloads")
        os.mkdir(folder)
        for name, content in self.files.items():
            self.write(os.path.join(folder, name), content)
        for source in (folder, folder + "/", "file://" + folder.replace(" ", "%20"), "~/my downloads"):
            with self.subTest(source=source):
                self.data += "2"
                self.check_complete(self.get("mnist", "--from", source, *self.sums))
        self.data += "2"
        for index, name in enumerate(NAMES):
            source = os.path.join(folder, name)
            done = self.get("mnist", "--from", source, *self.sums[2 * index:2 * index + 2])
            self.assertEqual(done.returncode, 0 if index == 3 else 1)
            if index < 3:
                self.check_refused(done, ", ".join(NAMES[index + 1:]) + " still missing")
        self.check_complete(done)
        other = self.write("other.gz", b"")
        self.check_refused(self.get("kmnist", "--from", other), other, "expected a folder, or one of train-images")

    def test_what_is_asked_wrongly(self):
        source = self.mirror(self.files).base
        for arguments, words in (
                (["nist"], ["nist", "kmnist"]),
                (["digits"], ["digits"]),
                (["mnist", "--from", source, "--sha256", "0" * 64], ["expected 4", "found 1"]),
                (["cifar-10", "--from", source, "--sha256", "0" * 63], ["64 hexadecimal digits"]),
                (["cifar-10", "--sha256", "0" * 64], ["--from"]),
                (["mnist", "--from", "ftp://127.0.0.1/mnist"], ["expected a URL (http, https or file), found ftp"]),
                (["mnist", "--from", "/nowhere"], ["/nowhere", "no such file"])):
            with self.subTest(arguments=arguments):
                self.check_refused(self.get(*arguments), *words)
        self.assertFalse(os.path.exists(self.data))

    def test_disks_that_take_nothing(self):
        mirror = self.mirror(self.files)
        self.data = self.mount("size=128k")
        done = self.get("mnist", "--from", mirror.base, *self.sums)
        self.check_refused(done, f"{NAMES[0]}.part", "the disk is full")
        self.assertEqual(list(self.tree()), [f"mnist/{NAMES[0]}.part"])
        self.data = os.path.join(self.write("file", b""), "below")
        self.check_refused(self.get("mnist", "--from", mirror.base, *self.sums), self.data, "cannot be created")

    # Archives.

    def check_batches(self, done, entries):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"cifar-10 is in {self.data}/cifar-10-batches-bin\n")
        self.assertEqual(self.tree(), {name: content for name, content in entries if isinstance(content, bytes)})

    def test_an_archive_is_unpacked(self):
        content = archive([("cifar-10-batches-bin/readme.html", b"read me")] + cifar_entries())
        mirror = self.mirror({"cifar-10-binary.tar.gz": content})
        path = self.write("my.tgz", content)
        mirror.misbehave(dict(cut=90_000))
        for source in (mirror.base + "/", f"{mirror.base}/cifar-10-binary.tar.gz", path, "file://" + path):
            with self.subTest(source=source):
                self.data += "2"
                self.check_batches(self.get("cifar-10", "--from", source, *sums(content)), cifar_entries())
        again = self.get("cifar-10", "--from", mirror.base + "/", *sums(content))
        self.assertIn("already in", again.stdout)

    def test_the_other_archive(self):
        entries = [(f"cifar-100-binary/{name}", noise(1000, name)) for name in
                   ("train.bin", "test.bin", "fine_label_names.txt", "coarse_label_names.txt")]
        path = self.write("cifar-100-binary.tar.gz", archive(entries))
        with open(path, "rb") as file:
            done = self.get("cifar-100", "--from", path, *sums(file.read()))
        self.assertEqual(done.stdout, f"cifar-100 is in {self.data}/cifar-100-binary\n", done.stderr)
        self.assertEqual(self.tree(), dict(entries))

    def test_an_archive_writes_nowhere_else(self):
        outside = os.path.join(self.folder, "outside")
        os.mkdir(outside)
        evil = [("../evil", b"evil"), ("/" + os.path.join(outside, "evil"), b"evil"),
                ("cifar-10-batches-bin/../../evil", b"evil"), ("cifar-10-batches-bin/data_batch_9.bin", b"evil"),
                ("", link("cifar-10-batches-bin/batches", outside)), ("cifar-10-batches-bin/batches/evil", b"evil"),
                ("", link("cifar-10-batches-bin", outside))]
        path = self.write("evil.tar.gz", archive(evil + cifar_entries()))
        before = set(os.listdir(self.folder)) | {"sets"}
        with open(path, "rb") as file:
            done = self.get("cifar-10", "--from", path, *sums(file.read()))
        self.check_batches(done, cifar_entries())
        self.assertEqual(set(os.listdir(self.folder)), before)
        self.assertEqual(os.listdir(outside), [])

    def test_archives_that_are_none(self):
        whole = archive(cifar_entries())
        linked = [("", link("cifar-10-batches-bin/data_batch_1.bin", "/etc/passwd"))] + cifar_entries()[1:]
        hard = [("", link("cifar-10-batches-bin/data_batch_1.bin", "/etc/passwd", tarfile.LNKTYPE))] + cifar_entries()[1:]
        for content, word in ((whole[:-20_000], "intact tar archive"), (b"<html>" * 1000, "intact tar archive"),
                              (b"", "intact tar archive"), (archive(cifar_entries()[1:]), "data_batch_1.bin"),
                              (archive(linked), "data_batch_1.bin"), (archive(hard), "data_batch_1.bin")):
            with self.subTest(word=word, size=len(content)):
                path = self.write("cifar-10-binary.tar.gz", content)
                self.check_refused(self.get("cifar-10", "--from", path, *sums(content)), word)
                self.assertEqual(self.tree(), {})

    def test_own_batches_are_not_written_over(self):
        path = self.write("cifar-10-binary.tar.gz", archive(cifar_entries()))
        self.put("cifar-10-batches-bin/data_batch_2.bin", b"my own")
        self.put("cifar-10-batches-bin/notes.txt", b"my own")
        # Files left when unpacking was killed.
        self.put(".cifar-10-batches-bin.unpacking/data_batch_2.bin", b"old")
        with open(path, "rb") as file:
            done = self.get("cifar-10", "--from", path, *sums(file.read()))
        self.assertEqual(done.returncode, 0, done.stderr)
        own = {f"cifar-10-batches-bin/{name}": b"my own" for name in ("data_batch_2.bin", "notes.txt")}
        self.assertEqual(self.tree(), {**dict(cifar_entries()), **own})

    def test_an_archive_on_a_disk_that_gets_full(self):
        content = archive(cifar_entries())
        path = self.write("cifar-10-binary.tar.gz", content)
        self.data = self.mount("size=300k")
        self.check_refused(self.get("cifar-10", "--from", path, *sums(content)), "the disk is full")
        self.assertEqual(list(self.tree()), ["cifar-10-binary.tar.gz.part"])

    # The known files.

    def fashion(self):
        """The files of the mirror, made from Debian's: the same compressed data, with the original name and time."""
        files = {}
        for name, seconds in zip(NAMES, (1504176606, 1504176606, 1504176627, 1504176627)):
            path = os.path.join(DEBIAN, name)
            self.assertTrue(os.path.exists(path), f"{path}: apt-get install dataset-fashion-mnist")
            with open(path, "rb") as file:
                content = file.read()
            head = b"\x1f\x8b\x08\x08" + struct.pack("<I", seconds) + content[8:10]
            files[name] = head + name.removesuffix(".gz").encode() + b"\0" + content[10:]
        return files

    def test_the_known_mirror_with_the_known_checksums(self):
        files = self.fashion()
        proxy = self.mirror(files, below="")
        proxy.misbehave(dict(cut=20_000_000))
        done = self.get("fashion-mnist", http_proxy=proxy.address, no_proxy="")
        self.check_complete(done, files, "fashion-mnist")
        mirror = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
        self.assertEqual({path for path, _ in proxy.requests}, {mirror + name for name in NAMES})
        self.assertEqual(proxy.ranges(NAMES[0]), [None, 20_000_000])
        listed = self.signflip("data", "--data", self.data).stdout
        self.assertIn(f"found     {self.data}/fashion-mnist", listed)

    def test_the_next_mirror_is_tried(self):
        proxy = self.mirror({})
        done = self.get("mnist", https_proxy=proxy.address, no_proxy="")
        self.check_refused(done, "ossci-datasets.s3.amazonaws.com", "trying the next mirror",
                           "storage.googleapis.com/cvdf-datasets")
        self.assertEqual([path for path, _ in proxy.requests],
                         ["CONNECT ossci-datasets.s3.amazonaws.com:443", "CONNECT storage.googleapis.com:443"])
        self.assertEqual(self.tree(), {})

    # On a terminal.

    def in_terminal(self, mirror, columns=100, **environment):
        command = f"stty cols {columns}; exec {PROGRAM} data get mnist --data {self.data} --from {mirror.base} "
        process = subprocess.Popen(
            ["script", "-qec", command + " ".join(self.sums), "/dev/null"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, env=self.environment(TERM="xterm", LC_ALL="C.UTF-8", **environment))
        self.addCleanup(self.end, process)
        told, _ = process.communicate(timeout=60)
        return process.returncode, told.decode()

    def test_a_bar_on_a_terminal(self):
        for settings, color in ((dict(), True), (dict(NO_COLOR="1"), False), (dict(columns=40), False)):
            with self.subTest(settings=settings):
                self.data += "2"
                mirror = self.mirror(self.files)
                mirror.misbehave(dict(rate=200_000))
                status, told = self.in_terminal(mirror, **settings)
                self.assertEqual(status, 0, told)
                self.assertEqual("\x1b[32m" in told, color)
                lines = re.findall(r"\r\x1b\[K([^\r]+)(?=\r\x1b)", told)
                self.assertGreater(len(lines), 5)
                plain = [re.sub(r"\x1b\[\d*m", "", line) for line in lines]
                for line in plain:
                    self.assertLess(len(line), settings.get("columns", 100))
                shares = [int(share) for share in re.findall(r"(\d+) %", " ".join(plain))]
                self.assertEqual(max(shares), 100)
                self.assertTrue(any(0 < share < 100 for share in shares), plain)
                if "columns" not in settings:
                    self.assertRegex(" ".join(plain), r"━+─+  \d+ %  \d+\.\d of \d+\.\d kB  \d+\.\d kB/s  0:0\d left")
                # The line is removed at the end.
                end = f"\r\x1b[K{NAMES[-1]}: SHA-256 is correct\r\nmnist is in {self.data}/mnist\r\n"
                self.assertTrue(told.endswith(end), repr(told[-200:]))

    def test_ctrl_c_on_a_terminal(self):
        mirror = self.mirror(self.files)
        mirror.misbehave(dict(rate=50_000))
        home = Home()
        self.addCleanup(home.close)
        terminal = Terminal(home, width=100, height=20, environment=dict(no_proxy="*"))
        self.addCleanup(terminal.close)
        source = self.write("get.sh", f"{PROGRAM} data get mnist --from {mirror.base} {' '.join(self.sums)}\n")
        terminal.run(f"bash {source}")
        terminal.wait_for(r"━─+  [1-9]\d* %  \d+\.\d of \d+\.\d kB  .* left")
        terminal.keys("C-c")
        terminal.wait_for("interrupted: the received part is in ")
        terminal.wait_for(r"ready> *$")
        # The bar is removed, even with ^C after it.
        self.assertNotIn("━", terminal.text())


if __name__ == "__main__":
    unittest.main()
