"""Sweeps: the same trials with any number of workers, after kill -9, stop and resume, and each mistake's message."""
import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from program import ProgramTest
from screen import ROOT

SWEEP = """\
experiment: digits-quick
sweep:
  lanes: [binary]
  epochs: 2
  seeds: {seeds}
  parameters:
    binary.hidden: [[8], [16]]
    binary.learningRate: {{log: [0.001, 0.03], points: {rates}}}
    binary.batchSize: [500]
  {more}
"""


HALVING = """
experiment: digits-quick
sweep:
  lanes: [binary]
  epochs: 4
  search: halving
  halving: {from: 1, factor: 2}
  trials: 8
  parameters:
    hidden: [[8]]
    batchSize: [500]
    binary.learningRate: {log: [1e-5, 1e-2]}
"""


class SweepTest(ProgramTest):
    def environment(self, **changed):
        """The program's environment, with the images in the test's folder."""
        return super().environment(**{"SIGNFLIP_PREPARED": self.place("prepared"), **changed})

    def sweep_file(self, seeds=2, rates=2, more="", name="sweep.yaml"):
        return self.write(name, SWEEP.format(seeds=seeds, rates=rates, more=more))

    def place(self, name):
        return os.path.join(self.folder, name)

    def status(self, directory):
        done = self.signflip("sweep", "status", directory, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def table(self, directory):
        """What must not depend on how the sweep was trained."""
        keys = ("trial", "setting", "seed", "values", "state", "objective", "epochs", "weightsSHA256")
        return [{key: trial[key] for key in keys} for trial in self.status(directory)["trials"]]

    def check_whole(self, directory, table):
        """Every trial has one run, whose lanes have ended once."""
        runs = sorted(os.listdir(os.path.join(directory, "runs")))
        self.assertEqual(runs, [f"trial-{trial['trial']:04}" for trial in table])
        for trial, run in zip(table, runs):
            self.assertEqual(trial["state"], "finished", trial)
            self.assertRegex(trial["weightsSHA256"]["binary"], "^[0-9a-f]{64}$")
            with contextlib.closing(sqlite3.connect(os.path.join(directory, "runs", run, "run.sqlite"))) as database:
                ends = database.execute("SELECT count(*) FROM events WHERE kind = 'laneEnded'").fetchone()
                self.assertEqual(ends, (1,), run)

    @staticmethod
    def epochs(directory, trial):
        """Epochs that a trial has done."""
        with contextlib.suppress(FileNotFoundError), \
                open(os.path.join(directory, f"trials/{trial:04}/record.json")) as file:
            return max((epochs[-1]["epoch"] for epochs in json.load(file)["epochs"].values()), default=0)
        return 0

    @staticmethod
    def workers(directory, trial=None):
        """The processes that train trials of a sweep, or one of them."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read().decode().split("\0")
                if words[1:3] == ["sweep", "trial"] and directory in words and (not trial or str(trial) in words):
                    found.append(int(name))
        return found

    def kill_workers(self, directory):
        for process in self.workers(directory):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def start_sweep(self, *arguments):
        return self.start("sweep", *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def check_halved(self, directory):
        """Checks that few trials of HALVING were trained to the end, with the weights of an ordinary training."""
        trials = self.status(directory)["trials"]
        epochs = sorted(trial["epochs"] for trial in trials)
        # A worker that starts late may promote one more; nobody is trained beyond the first epoch without being compared.
        self.assertEqual(len(epochs), 8)
        self.assertEqual(epochs[0], 1)
        self.assertEqual(epochs[-1], 4)
        self.assertLess(sum(epochs), 24)
        finished = [trial for trial in trials if trial["state"] == "finished"]
        held = [trial for trial in trials if trial["state"] == "held"]
        self.assertEqual(len(finished) + len(held), 8)
        best = max(finished, key=lambda trial: trial["objective"])
        # A trial that was held on its way has the weights of one that was not.
        settings = [word for key, value in best["values"].items() for word in ("--set", f"{key}={value}")]
        done = self.signflip("train", "digits-quick", "--json", "--lanes", "binary", "--epochs", "4", "--threads", "1",
                             *settings)
        lane, = json.loads(done.stdout.splitlines()[-1])["lanes"]
        self.assertEqual(lane["weightsSHA256"], best["weightsSHA256"]["binary"])


class SameResultTest(SweepTest):
    """SIGNFLIP_SWEEP_TRIALS (8 or 40) and SIGNFLIP_SWEEP_KILLS make it longer; SIGNFLIP_SEED reproduces the moments."""

    def test_the_table_does_not_depend_on_workers_and_kills(self):
        trials = int(os.environ.get("SIGNFLIP_SWEEP_TRIALS", "8"))
        kills = int(os.environ.get("SIGNFLIP_SWEEP_KILLS", "3"))
        seed = int(os.environ.get("SIGNFLIP_SEED", random.randrange(1 << 32)))
        print(f"\n{trials} trials, {kills} kills, SIGNFLIP_SEED={seed}", file=sys.stderr)
        file = self.sweep_file(seeds=2 if trials == 8 else 4, rates=trials // (4 if trials == 8 else 8))
        tables, seconds = {}, {}
        for workers in (1, 2):
            directory, begin = self.place(f"w{workers}"), time.monotonic()
            done = self.signflip("sweep", file, "-o", directory, "--workers", str(workers), timeout=3600)
            self.assertEqual(done.returncode, 0, done.stderr)
            seconds[workers] = time.monotonic() - begin
            tables[workers] = self.table(directory)
            self.check_whole(directory, tables[workers])
        print(f"seconds with 1 and 2 workers: {seconds[1]:.1f}, {seconds[2]:.1f}", file=sys.stderr)
        self.assertEqual(len(tables[1]), trials)
        self.assertEqual(tables[1], tables[2])
        self.check_like_train(tables[1][-1])
        directory = self.place("killed")
        starts = self.survive(file, directory, kills, random.Random(seed), seconds[2])
        self.assertEqual(self.table(directory), tables[1])
        self.check_whole(directory, tables[1])
        self.assertGreaterEqual(starts, trials)

    def check_like_train(self, trial):
        settings = [word for key, value in trial["values"].items() for word in ("--set", f"{key}={value}")]
        done = self.signflip("train", "digits-quick", "--json", "--lanes", "binary", "--epochs", "2", "--threads", "1",
                             "--seed", str(trial["seed"]), *settings)
        lane, = json.loads(done.stdout.splitlines()[-1])["lanes"]
        self.assertEqual(lane["weightsSHA256"], trial["weightsSHA256"]["binary"])

    def survive(self, file, directory, kills, draw, duration):
        """Trains a sweep that is killed at random moments; returns how often trials were started."""
        arguments = [file, "-o", directory]
        for kill in range(kills):
            process = self.start_sweep(*arguments, "--workers", "2")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(draw.uniform(0.05, 1.3 * duration / kills + 0.5))
            # Of three kills one leaves the workers alive, and one the controller.
            what = draw.choice(("both", "controller", "workers"))
            if what != "workers":
                process.kill()
                process.wait()
            if what != "controller":
                self.kill_workers(directory)
            if what == "workers":
                process.wait(600)
            if os.path.exists(os.path.join(directory, "sweep.json")):
                arguments = ["resume", directory]
        # A worker that was left alive may still have its trial.
        self.wait_until("the end of the workers", lambda: not self.workers(directory), 600)
        done = self.signflip("sweep", *arguments, "--workers", "2", timeout=3600)
        self.assertEqual(done.returncode, 0, done.stderr)
        return sum(trial["starts"] for trial in self.status(directory)["trials"])


class ControlTest(SweepTest):
    def test_stop_and_resume(self):
        file, directory = self.sweep_file(more="threads: 1"), self.place("sweep")
        process = self.start_sweep(file, "-o", directory, "--workers", "1")
        self.wait_until("a trial", lambda: self.workers(directory))
        done = self.signflip("sweep", "stop", directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("stopped;", done.stdout)
        self.assertEqual(process.wait(60), 75)
        self.assertEqual(self.workers(directory), [])
        states = [trial["state"] for trial in self.status(directory)["trials"]]
        self.assertIn("waiting", states)
        self.assertNotIn("training", states)
        self.assertEqual(self.signflip("sweep", "resume", directory, timeout=600).returncode, 0)
        self.check_whole(directory, self.table(directory))

    def test_sigterm_writes_a_checkpoint_and_two_controllers_exclude_each_other(self):
        more = "epochs: 40"
        file, directory = self.write("long.yaml", SWEEP.format(seeds=1, rates=2, more="").replace("epochs: 2", more)), \
            self.place("long")
        process = self.start_sweep(file, "-o", directory, "--workers", "1")
        self.wait_until("an epoch", lambda: self.epochs(directory, 1) > 0, 120)
        done = self.signflip("sweep", "resume", directory)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"process {process.pid} on", done.stderr)
        done = self.signflip("sweep", "trial", directory, "1")
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("trial 1: process", done.stderr)
        process.terminate()
        self.assertEqual(process.wait(60), 75)
        trial = self.status(directory)["trials"][0]
        self.assertEqual((trial["state"], trial["starts"]), ("interrupted", 1))
        checkpoints = os.listdir(os.path.join(directory, "runs/trial-0001/checkpoints"))
        self.assertGreaterEqual(len(checkpoints), 2)
        # The controller's own trial goes on; another controller takes over.
        self.assertEqual(self.signflip("runs", "list", "--runs", os.path.join(directory, "runs")).returncode, 0)

    def test_a_broken_run_is_set_aside(self):
        file, directory = self.sweep_file(seeds=1), self.place("sweep")
        self.assertEqual(self.signflip("sweep", file, "-o", directory, timeout=600).returncode, 0)
        table = self.table(directory)
        # As after a crash of the machine: the record says that the trial goes on, and its database is damaged.
        record = os.path.join(directory, "trials/0002/record.json")
        with open(record) as file:
            content = json.load(file)
        with open(record, "w") as file:
            json.dump({**content, "state": "open", "lanes": []}, file)
        os.remove(os.path.join(directory, "sweep.sqlite"))
        with open(os.path.join(directory, "runs/trial-0002/run.sqlite"), "r+b") as database:
            database.write(b"not a database" * 100)
        done = self.signflip("sweep", "resume", directory, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(directory, "trials/0002/log")) as log:
            self.assertIn("trial 2 starts again, because its run can't be read", log.read())
        self.assertTrue(os.path.exists(os.path.join(directory, "runs/trial-0002-broken-1")))
        self.assertEqual(self.table(directory), table)

    def test_a_full_disk_loses_nothing(self):
        file, directory = self.sweep_file(seeds=1), os.path.join(self.mount("size=1m"), "sweep")
        done = self.signflip("sweep", file, "-o", directory, "--workers", "1", timeout=600)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the disk is full", done.stderr)
        self.assertEqual(subprocess.run(["mount", "-o", "remount,size=200m", os.path.dirname(directory)]).returncode, 0)
        done = self.signflip("sweep", file, "-o", directory, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        table = self.table(directory)
        self.assertEqual([trial["state"] for trial in table], ["finished"] * 4)
        self.check_whole(directory, table)

    def test_a_lost_mount_loses_nothing(self):
        there, folder = self.place("there"), self.place("mounted")
        for name in (there, folder):
            os.mkdir(name)
        bind = ["mount", "--bind", there, folder]
        self.assertEqual(subprocess.run(bind).returncode, 0, "needs root, or unshare -rm")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], stderr=subprocess.DEVNULL)
        file = self.write("mounted.yaml", SWEEP.format(seeds=1, rates=2, more="").replace("epochs: 2", "epochs: 40"))
        directory = os.path.join(folder, "sweep")
        process = self.start("sweep", file, "-o", directory, "--workers", "2")
        self.wait_until("an epoch", lambda: self.epochs(directory, 2) > 0, 120, process)
        self.assertEqual(subprocess.run(["umount", "-l", folder]).returncode, 0)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1)
        self.assertIn(f"Error: {directory}: the sweep's folder can't be read any more (No such file or directory); "
                      f"“signflip sweep resume {directory}” goes on", errors)
        self.assertNotIn("says nothing", errors)
        self.wait_until("the end of the trials", lambda: not self.workers(directory), 120)
        # Nothing was written below the mount point.
        self.assertEqual(os.listdir(folder), [])
        self.assertEqual(subprocess.run(bind).returncode, 0)
        self.assertEqual(self.signflip("sweep", "resume", directory, timeout=600).returncode, 0)
        table = self.table(directory)
        self.check_whole(directory, table)
        other = self.place("other")
        self.assertEqual(self.signflip("sweep", file, "-o", other, timeout=600).returncode, 0)
        self.assertEqual(self.table(other), table)


class MistakesTest(SweepTest):
    def test_changed_files_are_refused(self):
        file, directory = self.sweep_file(seeds=1), self.place("sweep")
        done = self.signflip("sweep", file, "-o", directory, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        # The same file goes on, and has nothing to do.
        begin = time.monotonic()
        self.assertEqual(self.signflip("sweep", file, "-o", directory).returncode, 0)
        print(f"\na finished sweep: {time.monotonic() - begin:.2f} s", file=sys.stderr)
        other = self.sweep_file(seeds=3, name="other.yaml")
        self.check_refused(self.signflip("sweep", other, "-o", directory), "has another sweep than", "in line 5",
                           "seeds: 1", "seeds: 3")
        with open(os.path.join(directory, "sweep.yaml"), "a") as copy:
            copy.write("  budget: {epochs: 3}\n")
        for command in ("resume", "status"):
            self.check_refused(self.signflip("sweep", command, directory), "sweep.yaml: expected the text that")

    def test_mistakes_have_messages(self):
        self.check_refused(self.signflip("sweep", "status", self.folder), "found no sweep.json in it")
        self.check_refused(self.signflip("sweep", self.place("none.yaml")), "no such file")
        self.check_refused(self.signflip("sweep", "stats", self.folder), "did you mean “status”?")
        file = self.sweep_file(more="seach: grid")
        self.check_refused(self.signflip("sweep", "check", file), "sweep.yaml:10: unknown key “sweep.seach”",
                           "did you mean “search”?")
        self.write("notes.txt", "")
        self.check_refused(self.signflip("sweep", self.sweep_file(), "-o", self.folder), "expected a sweep or an empty")

    def test_check_says_what_a_sweep_comes_to(self):
        done = self.signflip("sweep", "check", self.sweep_file(seeds=3), "--workers", "2", timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"trials +12: 4 settings, 3 seeds")
        self.assertRegex(done.stdout, r"epochs +24\n")
        self.assertRegex(done.stdout, r"hours +about 0\.\d\d with 2 workers: \d+\.\d\d s an epoch")
        self.assertRegex(done.stdout, r"disk +about \d")
        self.assertEqual(os.listdir(self.runs), [])


class DocumentationTest(SweepTest):
    def test_the_sweeps_of_the_documentation_are_valid(self):
        page = os.path.join(ROOT, "Sources", "signflip", "signflip.docc", "Sweeps.md")
        with open(page, encoding="utf-8") as file:
            blocks = re.findall(r"^```yaml\n(.*?)^```", file.read(), flags=re.M | re.S)
        self.assertEqual(len(blocks), 1)
        done = self.signflip("sweep", "check", "--no-measure", self.write("sweep.yaml", blocks[0]))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_built_in_sweeps_can_be_shown_changed_and_trained(self):
        listed = self.signflip("sweep", "presets").stdout
        names = re.findall(r"^([a-z]\S+)$", listed, flags=re.M)
        self.assertIn("width-bits", names)
        with open(os.path.join(ROOT, "Sources", "signflip", "signflip.docc", "Sweeps.md"), encoding="utf-8") as page:
            text = page.read()
        for name in names:
            self.assertIn(f"`{name}`", text)
            done = self.signflip("sweep", "check", "--no-measure", name)
            self.assertIn(f"sweep       {name}:", done.stdout)
        shown = self.signflip("sweep", "presets", "show", "width-bits").stdout
        small = re.sub(r"hidden: .*", "hidden: [[4, 4]]", shown).replace("epochs: 10", "epochs: 1").replace("seeds: 3", "seeds: 1")
        done = self.signflip("sweep", self.write("small.yaml", small), "-o", self.place("small"))
        self.assertEqual(done.returncode, 0, done.stderr)
        # The images were read once.
        self.assertEqual(len([name for name in os.listdir(self.place("prepared")) if name.endswith(".data")]), 1)
        self.check_refused(self.signflip("sweep", "width-bit"), "width-bit: expected a subcommand or a sweep", "did you mean “width-bits”?")


class HalvingTest(SweepTest):
    def test_halving_trains_few_trials_to_the_end(self):
        file, directory = self.write("halving.yaml", HALVING), self.place("halving")
        done = self.signflip("sweep", file, "-o", directory, "--workers", "2", timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_halved(directory)

    def test_workers_without_a_controller_share_a_halving(self):
        file, directory = self.write("halving.yaml", HALVING), self.place("workers")
        controller = self.start("sweep", file, "-o", directory, "--workers", "1")
        self.assertRegex(controller.stderr.readline(), "trial 1")
        stopped = self.start("sweep", "worker", directory)
        self.assertRegex(stopped.stderr.readline(), "trial")
        # They may have ended before.
        for process in (stopped, controller):
            process.terminate()
            self.assertIn(process.wait(60), (0, 75))
        workers = [self.start("sweep", "worker", directory) for _ in range(3)]
        for worker in workers:
            self.assertEqual(worker.wait(600), 0, worker.stderr.read())
        self.check_halved(directory)
        # There is nothing left to do.
        self.assertEqual(self.signflip("sweep", "worker", directory).returncode, 0)
        # A sweep that is stopped trains nothing.
        self.assertEqual(self.signflip("sweep", "stop", directory).returncode, 0)
        done = self.signflip("sweep", "worker", directory)
        self.assertEqual(done.returncode, 75)
        self.assertIn("the sweep is stopped", done.stderr)


if __name__ == "__main__":
    unittest.main()
