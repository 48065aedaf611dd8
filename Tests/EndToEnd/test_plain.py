"""The mode without a screen: sentences on standard output, commands on standard input."""
import os
import re
import subprocess
import threading
import unittest

from program import ProgramTest
from screen import PROGRAM


class Talk:
    """A program with its lines."""

    def __init__(self, test, *arguments, **environment):
        self.test = test
        self.process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=test.environment(**environment))
        test.addCleanup(self.close)
        self.bytes = b""
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()

    def read(self):
        while piece := os.read(self.process.stdout.fileno(), 65536):
            self.bytes += piece

    @property
    def text(self):
        return self.bytes.decode()

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def wait_for(self, pattern, seconds=60):
        self.test.wait_until(pattern, lambda: re.search(pattern, self.text, re.M) or self.process.poll() is not None, seconds)
        self.test.assertRegex(self.text, re.compile(pattern, re.M))

    def end(self):
        code = self.process.wait(60)
        self.reader.join()
        return code


class PlainTest(ProgramTest):
    def train(self, *arguments, **environment):
        return Talk(self, "train", "digits-quick", "--plain", "--set", "hidden=[32]", *arguments, **environment)

    def check_plain(self, text):
        """Checks that the text has only sentences: no escape sequence, no other control character."""
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f]")

    def test_a_training_is_told_and_steered(self):
        talk = self.train("--epochs", "500")
        talk.wait_for(r"^Experiment digits-quick on digits \(built in\): 50,000 training and 10,000 validation images, seed 1\.$")
        talk.wait_for(r"^Lane binary: BinaryConnect")
        talk.wait_for(r"^binary, epoch 1 of 500: validation accuracy [\d.]+ %")
        talk.type("pause")
        talk.wait_for(r"^binary is paused at step [\d,]+\.$")
        talk.type("set binary.learningRate 2e-4")
        talk.wait_for(r"^binary: learning rate changed from .* to 2e-4 at step")
        talk.type("step")
        talk.wait_for("^binary has done one update")
        talk.type("checkpoint")
        talk.wait_for(r"^binary: checkpoint at step [\d,]+, asked for\.$")
        talk.type("nonsense")
        talk.wait_for("^Expected a command, found “nonsense”")
        talk.type("quit")
        talk.wait_for("^Leave while the lanes are paused.* Type: leave it paused, stop it or stay\\.$")
        talk.type("leave")
        talk.wait_for("^training continues: signflip attach ")
        self.assertEqual(talk.end(), 0)
        self.check_plain(talk.text)

        other = Talk(self, "attach", "--plain")
        other.wait_for(r"^binary is paused: epoch [\d.]+ of 500, step")
        self.assertNotIn("epoch 1 of 500:", other.text)
        other.type("resume")
        other.wait_for("^binary goes on from step")
        other.type("quit")
        other.wait_for("Type: leave it training")
        other.type("stop it")
        other.end()
        self.check_plain(other.text)

    def test_the_end_and_a_recording(self):
        talk = self.train("--epochs", "2")
        talk.process.stdin.close()
        self.assertEqual(talk.end(), 0)
        talk.wait_for(r"^binary has finished: test accuracy [\d.]+ %, best validation accuracy")
        talk.wait_for(r"^Every lane has ended\.$")
        talk.process.stdin = open(os.devnull, "wb")
        view = Talk(self, "view", "last", "--plain")
        self.assertEqual(view.end(), 0)
        self.assertIn("binary, epoch 2 of 2: validation accuracy", view.text)
        self.assertIn("Every lane has ended.", view.text)
        self.check_plain(view.text)

    def test_only_ascii_where_the_locale_has_no_more(self):
        talk = self.train("--epochs", "1", LC_ALL="C")
        talk.type("nonsense")
        self.assertEqual(talk.end(), 0)
        self.assertTrue(talk.bytes.isascii(), talk.text)

    def test_what_cannot_be_combined(self):
        self.check_refused(self.signflip("train", "digits-quick", "--plain", "--json"), "--plain", "--json")
        self.check_refused(self.signflip("--plain"), "--plain", "launcher")


if __name__ == "__main__":
    unittest.main()
