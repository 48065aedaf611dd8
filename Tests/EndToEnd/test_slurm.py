"""A sweep on a real Slurm of one node: cancelled, requeued and timed-out tasks end with the weights of a local sweep."""
import os
import re
import signal
import unittest

from slurm_cluster import SlurmCluster
from test_sweeps import HALVING, SweepTest

TRIALS = int(os.environ.get("SIGNFLIP_SWEEP_TRIALS", "8"))
# The last two trials are long enough to be caught while they train.
RATES = [round(0.0005 * (trial + 1), 4) for trial in range(TRIALS - 2)] + [0.05, 0.06]
SWEEP = f"""\
name: slurm
dataset: digits
lanes:
  - {{name: binary, method: binaryConnect, hidden: [8], batchSize: 500, epochs: 2}}
sweep:
  parameters:
    binary.learningRate: {RATES}
    binary.epochs: {{values: [250], when: {{binary.learningRate: {RATES[-2:]}}}}}
"""


class SlurmTest(SweepTest):
    def setUp(self):
        super().setUp()
        folder = self.place("slurm")
        os.mkdir(folder)
        # Without Slurm the test fails: it is not left out.
        self.cluster = SlurmCluster(folder)
        self.addCleanup(self.cluster.end)

    @staticmethod
    def text(path):
        with open(path) as file:
            return file.read()

    def test_an_array_of_trials(self):
        """8 trials, or SIGNFLIP_SWEEP_TRIALS: two are disturbed."""
        file, directory = self.write("slurm.yaml", SWEEP), self.place("array")
        done = self.signflip("sweep", file, "-o", directory, "--slurm", "--partition", "test",
                             SLURM_CONF=self.cluster.place("slurm.conf"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"^{TRIALS} trials submitted as job \d+;")
        job = done.stdout.split("job ")[1].split(";")[0]
        try:
            self.disturb(directory, job)
            self.wait_until("the end of all tasks", lambda: self.ended(job) == {"COMPLETED"}, 900)
        except AssertionError:
            print(self.cluster.ask("scontrol", "show", "job", job), self.cluster.logs())
            raise
        table = self.table(directory)
        self.check_whole(directory, table)
        starts = {trial["trial"]: trial["starts"] for trial in self.status(directory)["trials"]}
        self.assertEqual([starts[trial] for trial in range(1, TRIALS - 1)], [1] * (TRIALS - 2))
        self.assertGreaterEqual(starts[TRIALS - 1], 2)
        self.assertGreaterEqual(starts[TRIALS], 2)
        # Nothing is left to submit.
        done = self.signflip("sweep", "resume", directory, "--slurm", SLURM_CONF=self.cluster.place("slurm.conf"))
        self.assertIn("every trial has ended", done.stdout)
        local = self.place("local")
        done = self.signflip("sweep", file, "-o", local, "--workers", "2", timeout=1800)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.table(local), table)

    def test_halving_by_two_tasks(self):
        file, directory = self.write("halving.yaml", HALVING), self.place("halving")
        configuration = self.cluster.place("slurm.conf")
        done = self.signflip("sweep", file, "-o", directory, "--slurm", SLURM_CONF=configuration)
        self.check_refused(done, "--slurm: expected --workers beside it with search: halving")
        done = self.signflip("sweep", file, "-o", directory, "--slurm", "--workers", "2", SLURM_CONF=configuration)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^2 workers submitted as job \d+;")
        job = done.stdout.split("job ")[1].split(";")[0]
        self.wait_until("the end of all tasks", lambda: self.ended(job) == {"COMPLETED"}, 900)
        self.check_halved(directory)
        done = self.signflip("sweep", "resume", directory, "--slurm", "--workers", "2", SLURM_CONF=configuration)
        self.assertIn("every trial has ended", done.stdout)

    def test_a_task_that_slurm_ends(self):
        file = self.write("one.yaml", re.sub(r"\[0.0005.*]\n.*\n", "[0.05]\n", SWEEP.replace("epochs: 2", "epochs: 1000")))
        directory, configuration = self.place("one"), self.cluster.place("slurm.conf")
        # Without a warning that the task knows, and so without a new start.
        done = self.signflip("sweep", file, "-o", directory, "--slurm", "--sbatch=--time=1 --signal=URG@1",
                             SLURM_CONF=configuration)
        self.assertRegex(done.stdout, r"^1 trial submitted as job \d+;", done.stderr)
        job = done.stdout.split("job ")[1].split(";")[0]
        self.pause(directory, 1)
        self.wait_until("the time limit", lambda: self.ended(job) == {"TIMEOUT"}, 300)
        self.assertEqual(self.status(directory)["trials"][0]["state"], "interrupted")
        done = self.signflip("sweep", "resume", directory, "--slurm", SLURM_CONF=configuration)
        job = done.stdout.split("job ")[1].split(";")[0]
        self.wait_until("the end of the task", lambda: self.ended(job) == {"COMPLETED"}, 300)
        table, local = self.table(directory), self.place("local")
        self.check_whole(directory, table)
        self.assertEqual(self.signflip("sweep", file, "-o", local, timeout=600).returncode, 0)
        self.assertEqual(self.table(local), table)

    def ended(self, job):
        """The different states of the tasks of an array."""
        return set(self.cluster.states(job).values())

    def disturb(self, directory, job):
        """Cancels a task and requeues it, and lets another run out of its time.

        Each is stopped before that, since its trial might have ended otherwise.
        """
        first, second = TRIALS - 1, TRIALS
        self.pause(directory, first)
        self.cluster.ask("scancel", f"{job}_{first}")
        self.wait_until("the end of the first task", lambda: self.cluster.states(job).get(first) == "CANCELLED", 120)
        self.cluster.ask("scontrol", "requeue", f"{job}_{first}")
        self.pause(directory, second)
        self.cluster.ask("scontrol", "update", f"JobId={job}_{second}", "TimeLimit=1")
        # SIGUSR1 comes before the limit; the task writes a checkpoint and requeues itself.
        log = os.path.join(directory, f"slurm/{job}_{second}.log")
        self.wait_until("the checkpoint", lambda: f"trial {second}: suspended" in self.text(log), 300)
        self.wait_until("the requeued task", lambda: self.cluster.states(job).get(second) != "COMPLETING", 120)
        self.cluster.ask("scontrol", "update", f"JobId={job}_{second}", "TimeLimit=UNLIMITED")

    def pause(self, directory, trial):
        """Stops a trial's process once it trains: Slurm continues it when it sends a signal."""
        def trains():
            return self.epochs(directory, trial) > 0 and self.workers(directory, trial)
        process, = self.wait_until(f"an epoch of task {trial}", trains, 600)
        os.kill(process, signal.SIGSTOP)


if __name__ == "__main__":
    unittest.main()
