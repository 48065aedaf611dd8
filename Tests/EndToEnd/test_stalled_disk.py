"""A disk that does not answer for a while: a change is acknowledged when it is written, the screen stays alive, and a run
that is suspended ends."""
import json
import os
import signal
import socket
import subprocess
import time

from recorded import RecordedRunTest

# Loaded into the program: what makes a file's content durable waits while the file at $STALL exists.
STALL = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
  const char *path = getenv("STALL");
  while (path && access(path, F_OK) == 0) usleep(10000);
}

int fsync(int descriptor) {
  wait_for_the_disk();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}

int fdatasync(int descriptor) {
  wait_for_the_disk();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor);
}
"""


class StalledDiskTest(RecordedRunTest):
    epochs = 100000

    def setUp(self):
        super().setUp()
        source, self.library = self.write("stall.c", STALL), os.path.join(self.folder, "stall.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.library, source, "-ldl"], check=True)
        self.mark = os.path.join(self.folder, "stalled")

    def begin(self):
        """A training whose disk can be stalled; returns the process and the run."""
        process = self.start(*self.training(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=self.environment(LD_PRELOAD=self.library, STALL=self.mark))
        run = self.wait_for_run(process, self.runs)
        self.wait_until("an epoch", lambda: " epoch 1 " in run.log())
        return process, run

    def stall(self):
        self.write("stalled", "")

    def test_a_change_waits_for_the_disk(self):
        process, run = self.begin()
        self.stall()
        change = self.start("set", run.name, "bnn.learningRate=0.002")
        # Longer than anything once gave up.
        time.sleep(11)
        self.assertIsNone(change.poll(), "acknowledged before it was written")
        # The engine serves clients meanwhile.
        begin = time.monotonic()
        running = self.signflip("ps")
        self.assertIn(run.name, running.stdout)
        self.assertLess(time.monotonic() - begin, 5)
        os.remove(self.mark)
        output, errors = change.communicate(timeout=30)
        self.assertEqual(change.returncode, 0, errors)
        self.assertRegex(output, r"^bnn at step \d+: learning rate \S+ → 2e-3\n$")
        process.kill()
        self.assertEqual([change[3:] for change in run.changes()], [("learningRate", 0.002)])

    def test_no_answer_of_a_stalled_disk_is_explained(self):
        process, run = self.begin()
        self.stall()
        done = self.signflip("set", run.name, "bnn.learningRate=0.002")
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected an answer within 15 s, found none: the disk does not answer", done.stderr)
        process.kill()

    def test_a_training_on_a_stalled_disk_can_be_stopped(self):
        process, run = self.begin()
        self.stall()
        change = self.start("set", run.name, "bnn.learningRate=0.002")
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        output, errors = change.communicate(timeout=30)
        self.assertRegex(output, r"^bnn at step \d+: learning rate \S+ → 2e-3; not saved yet: the disk does not answer\n$", errors)
        process.wait(timeout=90)
        os.remove(self.mark)
        self.assertEqual(run.check(), [("ok",)])

    def test_an_engine_on_a_stalled_disk_serves_clients_and_can_be_suspended(self):
        process = self.start("engine", env=self.environment(LD_PRELOAD=self.library, STALL=self.mark))
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.connect(process.stdout.readline().strip())
        client.settimeout(60)
        lines = client.makefile("r", encoding="utf-8")
        self.addCleanup(lines.close)

        def say(message):
            client.sendall(json.dumps(message).encode() + b"\n")

        def wait_for(accepts):
            return next(message for message in map(json.loads, lines) if accepts(message))

        say({"hello": {"protocol": 1, "client": "test", "points": "none"}})
        say({"id": 1, "command": "start", "file": self.experiment, "dataset": self.images, "runsDirectory": self.runs})
        wait_for(lambda message: message.get("event") == "epoch" and message["epoch"] == 1)
        self.stall()
        say({"id": 2, "command": "set", "lane": "bnn", "hyperparameter": "learningRate", "value": 0.002})
        # Lanes without changes train on, and clients learn what the others wait for.
        waits = wait_for(lambda message: "problem" in message.get("snapshot", {}).get("storage", {}))["snapshot"]
        self.assertEqual(waits["storage"]["problem"], "the disk does not answer: changes and checkpoints wait for it")
        step = waits["lanes"][0]["step"]
        wait_for(lambda message: "snapshot" in message and message["snapshot"]["lanes"][0]["step"] > step)
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        answer = wait_for(lambda message: message.get("id") == 2)
        self.assertEqual((answer["event"], answer.get("unrecorded")), ("applied", "the disk does not answer"))
        wait_for(lambda message: "goodbye" in message)
        process.wait(timeout=60)
        self.assertLess(time.monotonic() - begin, 40)
        os.remove(self.mark)
