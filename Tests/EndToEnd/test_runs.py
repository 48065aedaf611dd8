"""Runs after kill -9 at any moment, rewind, fork, replay and steering, checked by digests of the weights."""
import collections
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
import unittest

from recorded import Recorded, RecordedRunTest

STEERING = """\
steering:
  - {lane: float, step: 57, set: {learningRate: 5e-4, dropout: 0.3}}
  - {lane: binary, step: 90, set: {clipValue: 0.8}}
  - {lane: binary, step: 131, set: {learningRate: 2e-3}}
  - {lane: bnn, step: 131, set: {learningRate: 3e-3}}
  - {lane: bnn, step: 260, set: {steWindow: 0.7, batchSize: 40}}
"""
LIVE_CHANGES = (("learningRate", 7e-4), ("float.dropout", 0.25), ("binary.clipValue", 0.9), ("bnn.steWindow", 0.8),
                ("float.weightDecay", 1e-5), ("binary.learningRate", 3e-3))


class KillTest(RecordedRunTest):
    """SIGNFLIP_KILLS is the number of kills; SIGNFLIP_SEED, which is printed, reproduces their moments."""

    def test_kill_9_at_random_moments(self):
        kills = int(os.environ.get("SIGNFLIP_KILLS", "12"))
        seed = int(os.environ.get("SIGNFLIP_SEED", random.randrange(1 << 32)))
        print(f"\nkill -9, {kills} times, SIGNFLIP_SEED={seed}", file=sys.stderr)
        self.draw, self.moments, self.live_changes = random.Random(seed), collections.Counter(), 0
        self.script = self.write("steering.yaml", STEERING)
        begin = time.monotonic()
        plain = self.train(runs=self.runs_folder("plain"))
        self.duration = time.monotonic() - begin
        steered = self.train("--steer", self.script, runs=self.runs_folder("steered"))
        self.assertNotEqual(steered.digests(), plain.digests())
        number = 0
        while (left := kills - sum(self.moments.values())) > 0:
            with self.subTest(round=number):
                kind = ("plain", "steered", "live")[number % 3]
                run, acknowledged = self.survive(self.runs_folder(f"{number}"), kind, min(4, left))
                if kind == "live":
                    self.check_changes(run, acknowledged)
                else:
                    self.check_same(run, plain if kind == "plain" else steered)
            number += 1
        print("killed: " + ", ".join(f"{count} × {moment}" for moment, count in sorted(self.moments.items())),
              file=sys.stderr)

    def runs_folder(self, name):
        path = os.path.join(self.runs, name)
        os.mkdir(path)
        return path

    def survive(self, runs, kind, kills):
        """Trains a run that is repeatedly killed and resumed; returns it and the acknowledged changes."""
        steering = ("--steer", self.script) if kind == "steered" else ()
        acknowledged = []
        while True:
            run = self.begun_run(runs)
            words = ("resume", run.directory, "--headless", "--json") if run else self.training(*steering, runs=runs)
            process = self.start(*words)
            if kills > 0:
                moment = None
                if kind == "live":
                    answers, moment = self.change_live(process)
                    acknowledged += answers
                moment = moment or self.wait_for_moment(process, runs)
                if process.poll() in (None, -signal.SIGKILL):
                    self.end(process)
                    self.moments[moment + (" of a resumed run" if run else "")] += 1
                    kills -= 1
                    continue
            # Not killed any more, or finished before the moment.
            _, errors = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, f"{words}: {errors}")
            self.assertNotIn("warning", errors)
            return self.begun_run(runs), acknowledged

    def begun_run(self, runs):
        """The run to resume; None if the engine was killed before it had created one."""
        # Reads the log, not the database, since that would do the recovery that the program must do itself.
        begun = [run for run in map(Recorded, self.run_directories(runs)) if " started " in run.log()]
        self.assertLess(len(begun), 2)
        return begun[0] if begun else None

    def wait_for_moment(self, process, runs):
        """Waits for a random moment or the end of the process; returns which came first."""
        moment = self.draw.choice(("beginning", "any time", "checkpoint", "epoch", "end"))
        log_before = len(self.logs(runs))
        reached = {
            "beginning": lambda: True, "any time": lambda: True,
            "checkpoint": lambda: any(name.endswith(".tmp") for name in self.checkpoint_files(runs)),
            "epoch": lambda: " epoch " in self.logs(runs)[log_before:],
            "end": lambda: f" epoch {self.epochs} " in self.logs(runs)[log_before:],
        }[moment]
        while process.poll() is None and not reached():
            time.sleep(0.0005)
        delay = {"beginning": 10 ** self.draw.uniform(-2.5, -0.5), "any time": self.draw.uniform(0, self.duration / 2),
                 "checkpoint": self.draw.choice((0, 0.002)), "epoch": self.draw.uniform(0, 0.05),
                 "end": self.draw.uniform(0, 0.05)}[moment]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=delay)
        return moment

    def logs(self, runs):
        return "".join(Recorded(path).log() for path in self.run_directories(runs))

    def checkpoint_files(self, runs):
        for path in self.run_directories(runs):
            with contextlib.suppress(FileNotFoundError):
                yield from os.listdir(os.path.join(path, "checkpoints"))

    def change_live(self, process):
        """Changes a value during training; returns the answer, and the moment at which to kill the engine."""
        name, value = self.draw.choice(LIVE_CHANGES)
        # Each value is used once, so that changes can be distinguished.
        self.live_changes += 1
        change = f"{name}={value * (1 + self.live_changes / 100):.5g}"
        at_once = self.draw.random() < 0.5
        time.sleep(self.draw.uniform(0, self.duration / 4))
        while process.poll() is None:
            command = self.start("set", change)
            line = command.stdout.readline()
            if line and at_once:
                process.kill()
            output, errors = command.communicate()
            if line:
                # The journal has the key of the value's name.
                key = name.split(".")[-1]
                answers = re.findall(r"(?m)^(\S+) at step (\d+): .* → (\S+)$", line + output)
                self.assertTrue(answers, line + output)
                answers = [(lane, step, key, float(value)) for lane, step, value in answers]
                for _, _, _, value in answers:
                    self.assertEqual(value, float(change.split("=")[1]), f"{change} was answered by {line + output}")
                return answers, "after an answer" if at_once else None
            if "refused" in errors and "yet" not in errors:
                break
        return [], None

    def check_changes(self, run, acknowledged):
        """Checks that acknowledged changes are in the journal once, and that a run with this steering script has the same result."""
        journal = [(lane, str(step), name, float(value)) for lane, _, step, name, value in run.changes()]
        for change in acknowledged:
            self.assertEqual(journal.count(change), 1, f"{change} was answered; journal: {journal}; {run.directory}")
        self.assertEqual(len(set(journal)), len(journal), f"a change stands twice in the journal: {journal}")
        exported = self.signflip("runs", "export", run.directory, "--format", "steering")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        script = self.write("exported.yaml", exported.stdout)
        number = os.path.basename(os.path.dirname(run.directory))
        self.check_same(run, self.train("--steer", script, runs=self.runs_folder(f"as {number}")))
        self.check_replay(run)


class CourseTest(RecordedRunTest):
    """Runs that are rewound, forked, steered, replayed, paused and suspended."""

    def finish(self, process):
        """Waits for the end of a training in which every lane was trained as requested."""
        _, errors = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, errors)

    def step_of(self, run, lane):
        """The step of a checkpoint of a lane that is not its first."""
        return max(step for _, _, step, _ in run.checkpoints(lane))

    def test_a_rewound_lane_comes_to_what_it_would_have(self):
        plain = self.train(runs=self.others)
        process, run = self.paused()
        self.command("checkpoint", run.name)
        step = self.step_of(run, "bnn")
        self.command("set", run.name, "bnn.learningRate=0.02")
        self.command("resume", run.name)
        self.wait_until("bnn beyond its checkpoint", lambda: run.rows(
            "SELECT 1 FROM metrics WHERE lane = 'bnn' AND step > ?", step), process=process)
        self.assertRegex(self.command("rewind", run.name, "bnn", str(step)), r"bnn at step \d+: rewound from step \d+")
        self.finish(process)
        # A change at the checkpoint's step is not in the checkpoint, so the lane continues without it.
        self.assertEqual(run.digests(), plain.digests())
        self.assertEqual(run.check(), [("ok",)])
        branches = {branch: series for branch in (1, 2) for series in [
            [point for point in run.rows("SELECT step, value FROM metrics WHERE lane = 'bnn' AND metric = 'trainLoss'"
                                         " AND branch = ? ORDER BY step", branch)]]}
        self.assertGreater(branches[1][-1][0], step)
        self.assertEqual(branches[2], [point for point in plain.points()["bnn", 1, "trainLoss", None]
                                       if point[0] > step])
        self.check_replay(run)

    def test_a_fork_is_its_parent_until_something_is_changed(self):
        process, run = self.paused()
        self.command("checkpoint", run.name)
        step = self.step_of(run, "binary")
        self.command("fork", run.name, "binary", str(step), "--name", "twin")
        self.command("fork", run.name, "binary", str(step), "learningRate=3e-3", "--name", "other")
        self.command("resume", run.name)
        self.finish(process)
        digests = run.digests()
        self.assertEqual(set(digests), {"float", "binary", "bnn", "twin", "other"})
        self.assertEqual(digests["twin"], digests["binary"])
        self.assertNotEqual(digests["other"], digests["binary"])
        # The fork with a change equals its parent with a steering script.
        script = self.write("fork.yaml", f"steering: [{{lane: binary, step: {step}, set: {{learningRate: 3e-3}}}}]")
        self.assertEqual(self.train("--steer", script, runs=self.others).digests()["binary"], digests["other"])
        self.check_replay(run)

    def test_changes_by_hand_are_repeated_by_their_script(self):
        process, run = self.paused()
        for change in ("learningRate=6e-4", "binary.clipValue=0.75", "float.dropout=0.35"):
            self.command("set", run.name, change)
        # A note changes nothing.
        self.assertIn("note: why?", self.command("note", run.name, "binary", "why?", "--step", "3"))
        self.command("resume", run.name)
        self.wait_until("an epoch", lambda: " epoch 5 " in run.log(), process=process)
        self.command("set", run.name, "bnn.steWindow=0.6")
        self.finish(process)
        self.assertEqual(run.rows("SELECT lane, step, text FROM journal WHERE change = 'noted'"), [("binary", 3, "why?")])
        self.assertIn("note: why?", self.command("runs", "show", run.directory))
        self.assertIn("note: why?", self.command("report", run.directory, "--output", "-"))
        self.assertEqual(len(run.changes()), 6)
        script = self.write("script.yaml", self.command("runs", "export", run.directory, "--format", "steering"))
        self.check_same(run, self.train("--steer", script, runs=self.others))
        self.check_replay(run)

    def test_what_was_rewound_and_forked_survives_kill_9(self):
        process, run = self.paused()
        self.command("checkpoint", run.name)
        step = self.step_of(run, "bnn")
        self.command("resume", run.name)
        self.command("rewind", run.name, "bnn", str(step))
        self.command("fork", run.name, "bnn", str(step), "learningRate=4e-3", "--name", "fork")
        self.end(process)
        done = self.signflip("resume", run.directory, "--headless", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(self.results(done)), {"float", "binary", "bnn", "fork"})
        self.assertEqual(run.check(), [("ok",)])
        self.check_replay(run)

    def test_put_aside_and_gone_on_with(self):
        plain = self.train(runs=self.others)
        process, run = self.paused()
        self.command("stop", "--suspend", run.name)
        process.communicate(timeout=60)
        self.assertEqual(run.digests(), {})
        done = self.signflip("resume", run.directory, "--headless", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_same(run, plain)

    def test_a_lane_that_was_stopped_stays_so_after_kill_9(self):
        script = self.write("stop.yaml", "steering: [{lane: binary, step: 130, stop: true}]")
        expected = self.train("--steer", script, runs=self.others).digests()
        process = self.start(*self.training("--steer", script))
        run = self.wait_for_run(process)
        self.wait_until("the lane's end", lambda: "binary ended" in run.log(), process=process)
        self.end(process)
        done = self.signflip("resume", run.directory, "--headless", "--json")
        self.assertTrue(self.results(done)["binary"]["stopped"])
        self.assertEqual(run.digests(), expected)
        self.check_replay(run)


if __name__ == "__main__":
    unittest.main()
