"""Faults around a run: disks, files, formats, other engines. Each is reported clearly, and no training result is lost."""
import contextlib
import hashlib
import os
import pty
import shutil
import struct
import subprocess
import unittest

from recorded import RecordedRunTest
from screen import PROGRAM


class FaultTest(RecordedRunTest):
    def fill(self, folder):
        """Fills the disk; returns the file."""
        path = os.path.join(folder, "filler")
        with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        return path

    def interrupted(self):
        """A run whose engine was killed after every lane had written a checkpoint during training."""
        process, run = self.paused()
        self.command("checkpoint", run.name)
        self.end(process)
        return run

    def resume(self, run):
        return self.signflip("resume", run.directory, "--headless", "--json")

    def check_goes_on(self, run, *words):
        """Checks that the run can be resumed, with a warning that contains these words, and the usual result."""
        done = self.resume(run)
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.check_same(run, self.train(runs=self.others))

    @staticmethod
    def flip_bit(path, place=0.7):
        with open(path, "r+b") as file:
            place = int(os.path.getsize(path) * place)
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 4]))

    # Disks.

    def test_a_disk_that_is_full_for_a_while(self):
        runs = self.mount("size=64m")
        process = self.start(*self.training(runs=runs))
        run = self.wait_for_run(process, runs)
        self.wait_until("an epoch", lambda: " epoch 2 " in run.log(), process=process)
        filler = self.fill(runs)
        warning = self.wait_for_line(process.stderr, "kept in memory")
        self.assertIn("the disk is full; training continues", warning)
        self.assertEqual(self.signflip("pause", run.name).returncode, 0)
        os.remove(filler)
        self.wait_for_line(process.stderr, "the run is recorded again")
        self.assertEqual(self.signflip("resume", run.name).returncode, 0)
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        messages = [message for message, in run.rows("SELECT message FROM health ORDER BY time")]
        self.assertTrue(any("the disk is full" in message for message in messages), messages)
        self.assertIn("the run is recorded again", messages)
        self.check_same(run, self.train(runs=self.others))
        self.check_replay(run)

    def test_a_disk_that_stays_full(self):
        runs = self.mount("size=64m")
        process = self.start(*self.training(runs=runs))
        run = self.wait_for_run(process, runs)
        self.wait_until("an epoch", lambda: " epoch 2 " in run.log(), process=process)
        filler = self.fill(runs)
        output, errors = process.communicate(timeout=300)
        # Training was complete.
        self.assertIn('"finished"', output.splitlines()[-1])
        self.assertIn("the disk is full; training continues", errors)
        os.remove(filler)
        self.check_goes_on(run)

    def test_a_disk_that_is_full_from_the_start(self):
        runs = self.mount("size=64m")
        self.fill(runs)
        done = self.signflip(*self.training(runs=runs))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("this run is not recorded", done.stderr)
        self.assertIn("the disk is full", done.stderr)
        self.assertEqual(set(os.listdir(runs)), {"filler"})

    def test_a_runs_folder_that_is_read_only(self):
        runs = self.mount("size=1m,ro")
        done = self.signflip(*self.training(runs=runs))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("this run is not recorded", done.stderr)
        self.assertIn(runs, done.stderr)
        self.assertIn("--runs", done.stderr)
        self.assertEqual({name: lane["weightsSHA256"] for name, lane in self.results(done).items()},
                         self.train(runs=self.others).digests())

    def test_a_run_on_a_disk_that_is_read_only(self):
        run = self.train()
        folder = self.mount("size=64m")
        shutil.copytree(run.directory, os.path.join(folder, run.name))
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        shown = self.signflip("runs", "show", run.name, "--runs", folder)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertEqual(self.signflip("runs", "list", "--runs", folder).stdout.count("finished"), 1)
        self.check_refused(self.signflip("resume", run.name, "--runs", folder, "--headless"), folder, "written")
        self.check_refused(self.signflip("runs", "rm", run.name, "--runs", folder), folder, "written")

    def wait_for_line(self, stream, word):
        for line in stream:
            if word in line:
                return line
        self.fail(f"“{word}” was not told")

    # Checkpoints.

    def test_checkpoints_that_are_damaged(self):
        run = self.interrupted()
        (*_, cut), (*_, flipped) = run.checkpoints("bnn")[0], run.checkpoints("binary")[0]
        os.truncate(cut, os.path.getsize(cut) // 2)
        self.flip_bit(flipped)
        self.check_goes_on(run, cut, flipped, "bnn continues from an older checkpoint",
                           "binary continues from an older checkpoint")

    def test_no_checkpoint_that_can_be_read(self):
        run = self.interrupted()
        for number, (*_, path) in enumerate(run.checkpoints()):
            if number % 3 == 0:
                os.remove(path)
            elif number % 3 == 1:
                self.flip_bit(path, 0.9)
            else:
                os.truncate(path, 0)
        self.check_goes_on(run, "SHA-256")

    def test_checkpoints_of_a_newer_format(self):
        run = self.interrupted()
        *_, step, path = run.checkpoints("bnn")[0]
        with open(path, "r+b") as file:
            content = file.read()
            size, = struct.unpack("<Q", content[:8])
            header = content[8:8 + size]
            newer = header.replace(b'\\"format\\":2', b'\\"format\\":9', 1)
            self.assertNotEqual(newer, header)
            content = content[:8] + newer + content[8 + size:]
            file.seek(0)
            file.write(content)
        run.change("UPDATE checkpoints SET sha256 = ? WHERE lane = 'bnn' AND step = ?",
                   hashlib.sha256(content).hexdigest(), step)
        self.check_goes_on(run, "format up to 2, found 9", path)

    # Runs.

    def test_a_run_of_a_newer_format(self):
        run = self.train()
        run.change("PRAGMA user_version = 9")
        for words in ("resume {} --headless", "replay {}", "runs show {}", "runs export {} --format json", "report {}",
                      "runs compare {}"):
            with self.subTest(words=words):
                done = self.signflip(*words.format(run.directory).split())
                self.check_refused(done, run.name, "format 1", "format 9", "newer signflip")
        self.assertIn("newer signflip", self.signflip("runs").stdout)
        self.assertEqual(run.rows("PRAGMA user_version"), [(9,)])
        self.assertEqual(run.check(), [("ok",)])

    def test_two_engines_for_one_run(self):
        process = self.start(*self.training())
        run = self.wait_for_run(process)
        # If the first engine's socket is not visible, its lock on the directory is detected.
        elsewhere = os.path.join(self.folder, "elsewhere")
        os.mkdir(elsewhere, 0o700)
        done = self.signflip("resume", run.directory, "--headless", XDG_RUNTIME_DIR=elsewhere)
        self.check_refused(done, run.directory, f"process {process.pid} has this run")
        self.check_refused(self.signflip("runs", "rm", run.name), f"process {process.pid} has this run")
        self.assertIn(f"training (process {process.pid})", self.signflip("runs").stdout)
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        self.check_same(run, self.train(runs=self.others))

    def test_other_images_than_the_run_began_with(self):
        run = self.interrupted()
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                     "t10k-labels-idx1-ubyte"):
            path = os.path.join(self.images, name)
            with self.subTest(name=name), open(path, "rb") as file:
                whole = file.read()
                self.write(path, whole[:-1] + bytes([whole[-1] ^ 1]))
                points = run.points()
                self.check_refused(self.resume(run), self.images, "expected the images that the run started with")
                self.check_refused(self.signflip("replay", run.directory), "")
                self.assertEqual(run.points(), points)
                self.write(path, whole)
        os.rename(self.images, self.images + "-moved")
        self.check_refused(self.resume(run), self.images)
        os.rename(self.images + "-moved", self.images)
        self.check_goes_on(run)

    def test_a_database_that_is_damaged(self):
        run = self.train()
        path = os.path.join(run.directory, "run.sqlite")
        with open(path, "rb") as file:
            whole = file.read()
        for damage, content in (("cut", whole[:len(whole) // 2]), ("other", b"no database at all" * 500),
                                ("empty", b""), ("zeros", whole[:4096] + bytes(len(whole) - 4096))):
            with self.subTest(damage=damage):
                self.write(path, content)
                self.check_refused(self.resume(run), run.name)
                self.check_refused(self.signflip("runs", "show", run.directory), run.name)
                self.assertIn(run.name, self.signflip("runs").stdout)

    def test_a_run_that_was_never_begun(self):
        # Its engine was killed after it created the directory and before the first event.
        run = self.train()
        run.change("DELETE FROM events")
        self.check_refused(self.signflip("resume", run.directory, "--headless"), run.name, "has started")
        self.assertEqual(self.signflip("runs", "rm", run.name).returncode, 0)

    def test_what_is_wrong_with_a_run_is_told_before_the_screen_is_taken(self):
        run = self.train()
        os.remove(os.path.join(run.directory, "experiment.yaml"))
        master, slave = pty.openpty()
        process = subprocess.Popen([PROGRAM, "resume", run.directory], stdin=slave, stdout=slave, stderr=slave,
                                   env=self.environment(TERM="xterm-256color"), start_new_session=True)
        os.close(slave)
        written = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while part := os.read(master, 1 << 16):
                written += part
        os.close(master)
        self.assertEqual(process.wait(), 1)
        self.assertIn(b"expected the run's experiment, found no file", written)
        # Only the message, without the alternate screen or other control sequences.
        self.assertNotIn(b"\x1b", written)

    def test_a_run_that_is_done(self):
        run = self.train()
        # The state if a lane's last checkpoint is written after its end was recorded.
        run.change("UPDATE events SET sequence = sequence + 1000 WHERE sequence ="
                   " (SELECT max(sequence) FROM events WHERE kind = 'checkpointed')")
        self.check_goes_on(run)

    def test_an_end_that_was_not_recorded(self):
        run = self.train()
        run.change("DELETE FROM events WHERE kind = 'finished'")
        self.check_goes_on(run)

    def test_a_directory_that_is_removed_while_it_is_written(self):
        process = self.start(*self.training())
        run = self.wait_for_run(process)
        shutil.rmtree(run.directory, ignore_errors=True)
        _, errors = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn(run.directory, errors)
        self.assertLess(len(errors.splitlines()), 100)


if __name__ == "__main__":
    unittest.main()
