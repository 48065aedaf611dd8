"""Access to recorded runs, and a base class for tests that record runs."""
import json
import os
import re
import sqlite3

from program import ProgramTest, labels, learnable_images

EXPERIMENT = """\
name: short
validation: 1000
seed: 7
defaults: {{hidden: [512, 512], epochs: {epochs}, batchSize: 50}}
lanes:
  - {{name: float, method: baseline, dropout: 0.2, inputDropout: 0.1}}
  - {{name: binary, method: binaryConnect, binarization: stochastic}}
  - {{name: bnn, method: bnn, schedule: cosine, optimizerState: bfloat16}}
"""


class Recorded:
    """The directory of a run."""

    def __init__(self, directory):
        self.directory = directory
        self.name = os.path.basename(directory)

    def rows(self, query, *values):
        """The rows of a query of the run's database."""
        database = sqlite3.connect(os.path.join(self.directory, "run.sqlite"), timeout=30)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    def change(self, statement, *values):
        """Changes the run's database."""
        database = sqlite3.connect(os.path.join(self.directory, "run.sqlite"), timeout=30)
        with database:
            database.execute(statement, values)
        database.close()

    def check(self):
        """The result of SQLite's integrity check."""
        return self.rows("PRAGMA integrity_check")

    def digests(self):
        """{lane: SHA-256 of its best weights}, from the lanes' results; two results of a lane are an error."""
        rows = self.rows("SELECT lane, weightsSHA256 FROM results")
        assert len(rows) == len(dict(rows)), rows
        return dict(rows)

    def points(self):
        """{series: [(step, value)]}; for speeds, which vary, only the steps."""
        series = {}
        for *name, step, value in self.rows(
                "SELECT lane, branch, metric, layer, step, value FROM metrics ORDER BY lane, branch, metric, layer, step"):
            series.setdefault(tuple(name), []).append((step, None if name[2] == "imagesPerSecond" else value))
        return series

    def epochs(self):
        """The results of each epoch of each lane, without speeds."""
        return self.rows(
            "SELECT lane, branch, epoch, step, trainLoss, validationLoss, validationAccuracy, latentValidationAccuracy,"
            " learningRate, flipRate FROM epochs ORDER BY lane, branch, epoch")

    def flips(self):
        """The flips of each layer at each epoch."""
        return self.rows("SELECT lane, branch, step, layer, flipRate, totalFlips FROM flips"
                         " ORDER BY lane, branch, step, layer")

    def changes(self):
        """[(lane, branch, step, hyperparameter, new value)] of the journal."""
        return self.rows("SELECT lane, branch, step, hyperparameter, new FROM journal WHERE hyperparameter NOT NULL"
                         " ORDER BY sequence")

    def checkpoints(self, lane=None):
        """[(lane, branch, step, path)], the newest first."""
        return [(name, branch, step, os.path.join(self.directory, "checkpoints", file))
                for name, branch, step, file in self.rows(
                    "SELECT lane, branch, step, file FROM checkpoints ORDER BY time DESC, rowid DESC")
                if lane in (None, name)]

    def log(self):
        """The run's log; empty before there is one."""
        try:
            with open(os.path.join(self.directory, "log")) as log:
                return log.read()
        except FileNotFoundError:
            return ""


class RecordedRunTest(ProgramTest):
    """Short runs of three lanes on a small synthetic data set."""

    epochs = 16

    def setUp(self):
        super().setUp()
        self.images = os.path.join(self.folder, "images")
        os.mkdir(self.images)
        self.others = os.path.join(self.folder, "others")
        os.mkdir(self.others)
        self.write("images/train-images-idx3-ubyte", learnable_images(3000, 12, seed=1))
        self.write("images/train-labels-idx1-ubyte", labels(3000))
        self.write("images/t10k-images-idx3-ubyte", learnable_images(2000, 12, seed=2))
        self.write("images/t10k-labels-idx1-ubyte", labels(2000))
        self.experiment = self.write("short.yaml", EXPERIMENT.format(epochs=self.epochs))

    def training(self, *more, runs=None):
        """The command that trains the short experiment."""
        return ("train", self.experiment, "--dataset", self.images, "--threads", "1", "--json",
                "--runs", runs or self.runs, *more)

    def train(self, *more, runs=None):
        """Trains the short experiment to its end; returns the run."""
        done = self.signflip(*self.training(*more, runs=runs))
        self.assertIn(done.returncode, (0, 1) if "--steer" in more else (0,), done.stderr)
        return self.newest_run(runs)

    def run_directories(self, runs=None):
        """The directories of runs that have a database, the oldest first."""
        folder = runs or self.runs
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        return sorted((path for path in paths if os.path.exists(os.path.join(path, "run.sqlite"))), key=os.path.getctime)

    def newest_run(self, runs=None):
        """The run that was started last."""
        return Recorded(self.run_directories(runs)[-1])

    def wait_for_run(self, process, runs=None):
        """The run that a program records, as soon as it is training."""
        self.wait_until("training", lambda: any("started" in Recorded(path).log() for path in self.run_directories(runs)),
                        process=process)
        return self.newest_run(runs)

    def check_same(self, run, expected):
        """Checks that both runs have equal weights, points, epochs and flips, and that the database is intact."""
        self.assertEqual(run.check(), [("ok",)])
        found, wanted = run.points(), expected.points()
        self.assertEqual(set(found), set(wanted))
        for series, points in wanted.items():
            if found[series] != points:
                different = sorted(set(found[series]) ^ set(points), key=lambda point: point[0])
                self.fail(f"{run.name}: {series} has {len(found[series])} points, expected {len(points)}; "
                          f"they differ in {different[:6]}")
        self.assertEqual(run.epochs(), expected.epochs())
        self.assertEqual(run.flips(), expected.flips())
        self.assertEqual(run.digests(), expected.digests())
        self.assertEqual(run.rows("SELECT count(*) FROM events WHERE kind IN ('started', 'finished') GROUP BY kind"),
                         [(1,), (1,)])

    def check_replay(self, run):
        """Checks that the replayed run has the same weights."""
        done = self.signflip("replay", run.directory)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        digests = run.digests()
        self.assertEqual(len(re.findall("the same", done.stdout)), len(digests), done.stdout)
        for digest in digests.values():
            self.assertRegex(done.stdout, f"{digest}  {digest}  the same")

    def results(self, done):
        """{lane: result} of the last line of --json."""
        last = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(last["event"], "finished", done.stderr)
        return {lane["lane"]: lane for lane in last["lanes"]}

    def paused(self, *more, after=2):
        """A training that is paused after an epoch: its process and its run."""
        process = self.start(*self.training(*more))
        run = self.wait_for_run(process)
        self.wait_until("an epoch", lambda: f" epoch {after} " in run.log(), process=process)
        self.command("pause", run.name)
        return process, run

    def command(self, *words):
        """Runs a command that must succeed; returns its output."""
        done = self.signflip(*words)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        return done.stdout
