"""A sweep on a real Slurm of one node: cancelled, requeued and timed-out tasks end with the weights of a local sweep."""
import os
import unittest

from slurm_cluster import SlurmCluster
from test_sweeps import HALVING, SweepTest

# Trials 7 and 8 are long enough to be caught while they train.
SWEEP = """\
name: slurm
dataset: digits
lanes:
  - {name: binary, method: binaryConnect, hidden: [8], batchSize: 500, epochs: 2}
sweep:
  parameters:
    binary.learningRate: [0.001, 0.002, 0.003, 0.005, 0.008, 0.01, 0.02, 0.03]
    binary.epochs: {values: [250], when: {binary.learningRate: [0.02, 0.03]}}
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

    def test_an_array_of_8_trials(self):
        file, directory = self.write("slurm.yaml", SWEEP), self.place("array")
        done = self.signflip("sweep", file, "-o", directory, "--slurm", "--partition", "test",
                             SLURM_CONF=self.cluster.place("slurm.conf"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^8 trials submitted as job \d+;")
        job = done.stdout.split("job ")[1].split(";")[0]
        try:
            self.disturb(directory, job)
            self.wait_until("the end of all tasks", lambda: set(self.cluster.states(job).values()) == {"COMPLETED"}, 900)
        except AssertionError:
            print(self.cluster.ask("scontrol", "show", "job", job), self.cluster.logs())
            raise
        table = self.table(directory)
        self.check_whole(directory, table)
        starts = {trial["trial"]: trial["starts"] for trial in self.status(directory)["trials"]}
        self.assertEqual([starts[trial] for trial in range(1, 7)], [1] * 6)
        self.assertGreaterEqual(starts[7], 2)
        self.assertGreaterEqual(starts[8], 2)
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
        self.wait_until("the end of all tasks", lambda: set(self.cluster.states(job).values()) == {"COMPLETED"}, 900)
        self.check_halved(directory)
        done = self.signflip("sweep", "resume", directory, "--slurm", "--workers", "2", SLURM_CONF=configuration)
        self.assertIn("every trial has ended", done.stdout)

    def disturb(self, directory, job):
        """Cancels task 7 and requeues it, and lets task 8 run out of its time."""
        self.wait_until("an epoch of task 7", lambda: self.epochs(directory, 7) > 0, 600)
        self.cluster.ask("scancel", f"{job}_7")
        self.wait_until("the end of task 7", lambda: self.cluster.states(job).get(7) == "CANCELLED", 120)
        self.cluster.ask("scontrol", "requeue", f"{job}_7")
        self.wait_until("an epoch of task 8", lambda: self.epochs(directory, 8) > 0, 600)
        self.cluster.ask("scontrol", "update", f"JobId={job}_8", "TimeLimit=1")
        # SIGUSR1 comes before the limit; the task writes a checkpoint and requeues itself.
        log = os.path.join(directory, f"slurm/{job}_8.log")
        self.wait_until("the checkpoint of task 8", lambda: "trial 8: suspended" in self.text(log), 300)
        self.wait_until("the requeued task 8", lambda: self.cluster.states(job).get(8) != "COMPLETING", 120)
        self.cluster.ask("scontrol", "update", f"JobId={job}_8", "TimeLimit=UNLIMITED")


if __name__ == "__main__":
    unittest.main()
