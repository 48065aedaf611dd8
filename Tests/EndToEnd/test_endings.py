"""What a run came to is told wherever somebody looks: failed lanes, changes that were never made, lost checkpoints; and
words of the command line that mean nothing are not taken for something."""
import json
import os
import re
import signal
import unittest

from recorded import RecordedRunTest

# The loss of lane "wild" becomes NaN after some steps; lane "calm" learns.
FAILING = """\
name: failing
defaults: {hidden: [12], batchNormalization: false, optimizer: sgd, batchSize: 100}
lanes:
  - {name: wild, method: baseline, learningRate: 9, weightDecay: 0.9, epochs: 3}
  - {name: calm, method: binaryConnect, learningRate: 0.01, epochs: 2}
"""

PLAIN = """\
name: plain
seed: 3
validation: 1000
defaults: {hidden: [16], epochs: 2, batchSize: 100}
lanes:
  - {name: one, method: baseline}
  - {name: two, method: bnn}
"""

PATIENT = """\
name: patient
validation: 1000
defaults: {hidden: [16], epochs: 100000, batchSize: 50}
lanes: [{name: one, method: baseline}, {name: two, method: binaryConnect}]
"""


class EndingTest(RecordedRunTest):
    def words(self, text, *more, form="--json"):
        """The command that trains an experiment on the images of this test."""
        path = self.write("own.yaml", text)
        return ("train", path, "--dataset", self.images, "--threads", "1", form, *more)

    def run_of(self, text, *more, form="--json"):
        """Trains an experiment; returns the output and the run."""
        done = self.signflip(*self.words(text, *more, form=form))
        return done, self.newest_run()

    # Lanes that failed.

    def test_a_failed_lane_is_told_everywhere(self):
        done, run = self.run_of(FAILING, form="--headless")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"lane wild failed at step \d+: the (loss|gradient) is")
        step, reason = run.rows("SELECT steps, failure FROM results WHERE lane = 'wild'")[0]
        listed = self.signflip("runs").stdout
        self.assertIn(f"1 of 2 lanes failed: wild: {reason}", listed)
        self.assertNotIn("finished", listed)
        for words in (("runs", "show", "last"), ("runs", "compare", "last")):
            with self.subTest(words=words):
                text = self.command(*words)
                self.assertIn(f"failed at step {step}: {reason}", text)
                self.assertIn("finished", text)
        report = self.command("report", "last", "--output", "-")
        self.assertIn(reason, report)
        script = self.command("runs", "export", "last", "--format", "steering")
        self.assertIn(f"# Lane wild failed at step {step}: {reason}", script)
        document = json.loads(self.command("runs", "export", "last", "--format", "json", "--to", "-"))
        self.assertEqual({lane["name"]: lane["state"] for lane in document["lanes"]},
                         {"wild": "failed", "calm": "finished"})
        exported = self.signflip("runs", "export", "last", "--to", os.path.join(self.folder, "csv"))
        self.assertIn(f"lane wild failed at step {step}", exported.stderr)
        replayed = self.signflip("replay", "last")
        self.assertEqual(replayed.returncode, 1)
        self.assertEqual(len(re.findall("the same", replayed.stdout)), 2, replayed.stdout)
        self.assertIn(f"lane wild: recorded as failed at step {step}: {reason}; replayed, failed at step {step}",
                      replayed.stdout)
        resumed = self.signflip("resume", "last", "--headless")
        self.assertEqual(resumed.returncode, 1)
        self.assertIn(reason, resumed.stderr)
        self.assertIn("every lane has ended, so there is nothing to resume", resumed.stderr)

    # Steering scripts.

    def test_changes_that_are_never_made_are_told(self):
        script = self.write("changes.yaml", "steering:\n  - {lane: one, step: 9000, set: {learningRate: 2e-3}}\n"
                                            "  - lane: two\n    step: 5\n    set:\n      epochs: 3\n"
                                            "  - {lane: two, step: 20, stop: true}\n"
                                            "  - {lane: two, step: 30, set: {steWindow: 2}}\n")
        done, run = self.run_of(PLAIN, "--steer", script)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{script}:2: lane one: learningRate = 2e-3 at step 9000 was not made: the lane ended at step 40",
                      done.stderr)
        self.assertIn(f"{script}:8: lane two: steWindow = 2 at step 30 was not made: the lane was stopped at step 20",
                      done.stderr)
        results = self.results(done)
        self.assertEqual([len(results[lane]["missed"]) for lane in ("one", "two")], [1, 1])
        self.assertIn("learningRate = 2e-3 at step 9000 was not made", self.command("runs", "show", run.name))
        self.assertIn("9000", run.log())
        # The changes can be exported, with integers without a decimal point, and repeated.
        text = self.command("runs", "export", run.name, "--format", "steering")
        self.assertIn("epochs: 3\n", text)
        again, _ = self.run_of(PLAIN, "--steer", self.write("again.yaml", text))
        self.assertEqual({lane: result["weightsSHA256"] for lane, result in self.results(again).items()},
                         run.digests())

    def test_a_change_that_is_refused_ends_with_its_place(self):
        script = self.write("late.yaml", "steering:\n  - {lane: one, step: 30, set: {epochs: 1}}\n")
        done, _ = self.run_of(PLAIN, "--steer", script)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{script}:2: lane one: epochs = 1 at step 30 was refused: epochs: expected at least 2", done.stderr)
        wrong = self.write("wrong.yaml", "steering:\n  - {lane: oen, step: 3, stop: true}\n")
        self.check_refused(self.signflip(*self.words(PLAIN, "--steer", wrong)), f"{wrong}:2", "did you mean “one”?")

    def test_a_script_whose_every_change_is_made_ends_well(self):
        script = self.write("good.yaml", "steering: [{lane: one, step: 40, set: {weightDecay: .5}}]")
        done, _ = self.run_of(PLAIN, "--steer", script)
        self.assertEqual(done.returncode, 0, done.stderr)

    # Checkpoints.

    def test_each_lanes_checkpoint_is_told(self):
        process = self.start(*self.words(PATIENT))
        run = self.wait_for_run(process)
        self.wait_until("an epoch", lambda: run.log().count(" epoch 1 ") == 2, process=process)
        self.command("pause", run.name)
        first = self.command("checkpoint", run.name)
        self.assertEqual(sorted(line.split(":")[0] for line in first.splitlines()), ["one", "two"])
        again = self.command("checkpoint", run.name)
        self.assertEqual(len(re.findall(r"(?m)^(one|two): has a checkpoint already, at step \d+$", again)), 2, again)
        self.command("stop", run.name)
        self.check_refused(self.signflip("checkpoint", run.name), "")

    def interrupted(self):
        """A run of two lanes that was killed when both had written checkpoints."""
        process = self.start(*self.words(PATIENT))
        run = self.wait_for_run(process)
        self.wait_until("an epoch", lambda: run.log().count(" epoch 1 ") == 2, process=process)
        self.command("pause", run.name)
        self.command("checkpoint", run.name)
        self.end(process)
        return run

    def resume_for_a_moment(self, run):
        """Resumes a run until it reports the step; returns the output."""
        process = self.start("resume", run.directory, "--headless")
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "the run continues" in line:
                break
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=120)
        return "".join(lines) + rest

    def test_a_missing_checkpoint_is_told(self):
        run = self.interrupted()
        (_, _, step, path), (_, _, older, _) = run.checkpoints("two")[:2]
        os.remove(path)
        said = self.resume_for_a_moment(run)
        self.assertIn(f"the checkpoint of lane two at step {step} is missing; the lane continues from step {older}", said)
        self.assertNotIn("lane one at step", said)
        self.assertIn("Ctrl-C again stops immediately", said)

    def test_a_pipe_in_a_files_place_is_no_file(self):
        run = self.interrupted()
        (_, _, step, path), (_, _, older, _) = run.checkpoints("one")[:2]
        os.remove(path)
        os.mkfifo(path)
        said = self.resume_for_a_moment(run)
        self.assertIn(f"{path}: expected a file, found a pipe (FIFO); one continues from an older checkpoint, "
                      f"at step {older}", said)
        for name in ("experiment.yaml", "log", "run.sqlite"):
            with self.subTest(name=name):
                path = os.path.join(run.directory, name)
                os.rename(path, path + ".kept")
                os.mkfifo(path)
                self.check_refused(self.signflip("resume", run.directory, "--headless", timeout=60), path, "FIFO")
                self.assertEqual(self.signflip("runs", timeout=60).returncode, 0)
                os.remove(path)
                os.rename(path + ".kept", path)

    # Seeds and names.

    def test_the_greatest_seeds_are_kept(self):
        for seed in (2 ** 63 + 12345, 2 ** 64 - 1):
            with self.subTest(seed=seed):
                done, run = self.run_of(PLAIN, "--seed", str(seed))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout.splitlines()[0])["seed"], seed)
                self.assertEqual(self.signflip("replay", run.directory).returncode, 0)
                again = self.signflip("train", os.path.join(run.directory, "experiment.yaml"), "--json", "--threads", "1",
                                      "--no-record")
                self.assertEqual({lane: result["weightsSHA256"] for lane, result in self.results(again).items()},
                                 run.digests())

    def test_long_and_foreign_names_become_files(self):
        long, thai = "n" * 255, "โครงข่าย"
        text = (f"name: Prüfung, наборы/データ\nvalidation: 1000\ndefaults: {{hidden: [8], epochs: 1}}\n"
                f"lanes:\n  - {{name: {long}}}\n  - {{name: {long[:-1]}m, method: bnn, distillation: {{from: {long}}}}}\n"
                f"  - {{name: {thai}, method: bnn}}\n")
        done, run = self.run_of(text)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(run.name.endswith("-Prüfung-наборы-データ"), run.name)
        self.assertEqual(len({lane for lane, *_ in run.checkpoints()}), 3)
        self.assertEqual(self.signflip("replay", "Prüfung-наборы-データ").returncode, 0)
        # The same letters in another Unicode normalization.
        self.assertEqual(self.signflip("runs", "show", "Pru\u0308fung-наборы-データ").returncode, 0)
        files = self.command("runs", "export", "last", "--to", os.path.join(self.folder, "csv")).splitlines()
        self.assertEqual(len(files), len(set(files)))
        self.assertTrue(all(map(os.path.isfile, files)))
        self.check_refused(self.signflip(*self.words(text.replace(long, long + "n", 1))), "at most 255 characters")

    # Words of the command line.

    def test_an_empty_value_is_refused(self):
        before = set(os.listdir("."))
        for words in (("train", "digits-quick", "--runs", "", "--headless"), ("runs", "--runs="), ("report", "x", "--output", ""),
                      ("data", "--data", ""), ("train", "digits-quick", "--dataset", "", "--headless"),
                      ("train", "digits-quick", "--steer", "", "--headless")):
            with self.subTest(words=words):
                self.check_refused(self.signflip(*words), "expected a value, found an empty one")
        self.assertEqual(set(os.listdir(".")), before)

    def test_what_was_probably_meant_is_offered(self):
        for words, near in ((("tarin", "x"), "train"), (("runs", "shwo", "last"), "show"), (("data", "gte"), "get"),
                            (("train", "fasion-quick", "--headless"), "fashion-quick"),
                            (("digits-quick",), "signflip train digits-quick"), (("presets", "show", "mnist-bn"), "mnist-bnn"),
                            (("train", "digits-quick", "--lanes", "binry", "--headless"), "binary"),
                            (("train", "digits-quick", "--set", "binary.leraningRate=1", "--headless"), "learningRate"),
                            (("set", "x", "binary.clipvalue=1"), "clipValue")):
            with self.subTest(words=words):
                self.check_refused(self.signflip(*words), f"did you mean “{near}”?")

    def test_numbers_are_taken_alike(self):
        done = self.signflip(*self.words(PLAIN, "--epochs", "1.0", "--seed", "1e1", "--set", "two.batchSize=5e2",
                                         "--set", "learningRate=.002", "--no-record"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[0])["seed"], 10)
        self.assertEqual({lane: result["steps"] for lane, result in self.results(done).items()}, {"one": 20, "two": 4})

    # The required contents of a summary.

    def test_statistics_that_lag_and_batches_too_large_are_told(self):
        done, run = self.run_of(PLAIN, "--set", "one.batchNormalizationMomentum=0.999", "--set", "two.batchSize=4000",
                                form="--headless")
        self.assertEqual(done.returncode, 0, done.stderr)
        share = round(100 * 0.999 ** 40)
        self.assertIn(f"lane one: the running statistics of batch normalization, used for validation and test, are outdated: {share} % of",
                      done.stdout)
        self.assertIn("lane two: a batch of 4000 images is larger than the training set: each step uses all 2000",
                      done.stderr)
        self.assertIn("the running statistics of batch normalization", self.command("runs", "show", run.name))
        fine, _ = self.run_of(PLAIN, "--epochs", "4", form="--headless")
        self.assertNotIn("outdated", fine.stdout)

    def test_a_schedule_is_changed_by_one_word(self):
        text = PLAIN.replace("method: bnn", "method: bnn, schedule: cosine, finalLearningRate: 1e-6")
        done, run = self.run_of(text, "--set", "schedule=constant")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("with --set schedule=constant, finalLearningRate (1e-6) has no effect and is ignored", done.stderr)
        other, second = self.run_of(text, "--set", "two.finalLearningRate=", "--set", "two.learningRate=3e-3",
                                    "--set", "two.loss=squaredHinge")
        self.assertEqual(other.returncode, 0, other.stderr)
        rows = {line.split()[0]: line.split()[1:]
                for line in self.command("runs", "compare", run.name, second.name).splitlines()[1:]}
        self.assertEqual(rows["schedule"], ["constant", "constant", "constant", "cosine"])
        self.assertEqual(rows["learningRate"], ["1e-3", "1e-3", "1e-3", "3e-3"])
        self.assertEqual(rows["finalLearningRate"], ["–", "–", "–", "3e-6"])
        self.assertEqual(rows["loss"], ["crossEntropy"] * 3 + ["squaredHinge"])
        self.assertEqual(rows["ste"], ["–", "ste", "–", "ste"])
        self.assertNotIn("optimizer", rows)


if __name__ == "__main__":
    unittest.main()
