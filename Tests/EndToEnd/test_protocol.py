"""The engine's protocol as used by a script: the examples in PROTOCOL.md work, and different versions are reported."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import unittest

from program import ProgramTest
from screen import PROGRAM

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = pathlib.Path(ROOT, "Sources", "EngineService", "PROTOCOL.md").read_text(encoding="utf-8")
LANES = ["binary", *(f"other{number}" for number in range(7))]
EXPERIMENT = ("name: eight\ndataset: digits\ndefaults: {hidden: [32, 32], batchSize: 50, epochs: 100000}\nlanes:\n"
              + "".join(f"  - {{name: {name}, method: binaryConnect}}\n" for name in LANES))


class Client:
    """A connection that sends and receives lines."""

    def __init__(self, test, path, **hello):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        test.addCleanup(self.socket.close)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        test.addCleanup(self.lines.close)
        self.say({"hello": {"protocol": 1, "client": "test", **hello}})

    def say(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def hear(self, condition=lambda message: True):
        """The next message that satisfies a condition; None if the connection ends before."""
        return next((message for message in map(json.loads, self.lines) if condition(message)), None)


class ProtocolTest(ProgramTest):
    def sockets(self):
        folder = os.path.join(self.runtime, "signflip")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return [os.path.join(folder, name) for name in names if name.endswith(".sock")]

    def training(self):
        """The socket and the process of a training of eight lanes."""
        process = self.start("train", self.write("eight.yaml", EXPERIMENT), "--headless", "--threads", "1",
                             stdout=subprocess.DEVNULL)
        path, = self.wait_until("a socket", self.sockets, process=process)
        client = Client(self, path, points="none")
        self.assertIsNotNone(client.hear(lambda message: message.get("snapshot", {}).get("phase") == "training"))
        return path, process

    def engine(self):
        """The socket of an idle engine, and its process."""
        process = self.start("engine", stderr=subprocess.DEVNULL)
        return process.stdout.readline().strip(), process

    # What the pages show.

    def test_the_examples_in_python_work_as_they_stand(self):
        examples = re.findall(r"```python\n(.*?)```", PAGE, re.S)
        self.assertGreaterEqual(len(examples), 1)
        path, _ = self.training()
        for example in examples:
            for _ in range(8):
                script = f"path = {path!r}\n{example}"
                done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn("'event': 'applied'", done.stdout)

    def test_the_lines_that_are_shown_are_messages(self):
        path, _ = self.training()
        summary = self.signflip("engine", "--help").stdout
        joined = re.sub(r",\n\s+", ",", summary)
        shown = [line.strip() for line in re.findall(r'^\s*(\{"(?:hello|id)".*\})', joined, re.M)]
        shown += [line for line in re.findall(r'^(\{"(?:hello|id)".*\})\s+→$', PAGE, re.M)]
        self.assertGreaterEqual(len(shown), 6)
        for line in shown:
            with self.subTest(line=line):
                message = json.loads(line)
                client = Client(self, path, points="none")
                if "hello" in message:
                    client.socket.close()
                    client = Client(self, path, **message["hello"])
                    self.assertIn("welcome", client.hear())
                    continue
                client.hear(lambda heard: "snapshot" in heard)
                client.say(message)
                answer = client.hear(lambda heard: "error" in heard or heard.get("id") == message["id"])
                self.assertNotIn("error", answer)

    def test_what_a_client_sends_at_once_is_answered(self):
        path, _ = self.training()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(path)
            connection.sendall(b'{"hello":{"protocol":1,"history":false}}\n{"id":7,"command":"set",'
                               b'"hyperparameter":"learningRate","value":0.01}\n')
            with connection.makefile("r") as lines:
                answers = (json.loads(line) for line in lines)
                self.assertIn("welcome", next(answers))
                self.assertEqual(next(found["event"] for found in answers if found.get("id") == 7), "applied")

    # Answers and ends.

    def test_a_catalog_and_a_failed_start_name_their_command(self):
        path, process = self.engine()
        client = Client(self, path, history=False)
        number = client.hear()["welcome"]["client"]
        client.say({"id": 5, "command": "describeCatalog"})
        answer = client.hear(lambda message: message.get("event") == "catalog")
        self.assertEqual((answer["id"], answer["client"]), (5, number))
        # After a failed start, the engine waits for another one.
        for id in (6, 8):
            client.say({"id": id, "command": "start", "preset": "no-such-preset"})
            answer = client.hear(lambda message: message.get("event") == "failed")
            self.assertEqual((answer["id"], answer["client"]), (id, number))
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(1)
        self.assertIsNone(process.poll())

    def test_a_descriptor_that_is_no_listening_socket_is_an_error(self):
        one, other = socket.socketpair()
        unbound, internet = socket.socket(socket.AF_UNIX), socket.socket()
        internet.listen()
        for part in (one, other, unbound, internet):
            self.addCleanup(part.close)
        file = open(self.write("file", "text"))
        self.addCleanup(file.close)
        cases = [(77, "a closed descriptor"), (-5, "a closed descriptor"), (2_000_000_000, "a closed descriptor"),
                 (file.fileno(), "other than a socket"), (one.fileno(), "does not listen"),
                 (unbound.fileno(), "does not listen"), (internet.fileno(), "another family")]
        for number, words in cases:
            with self.subTest(number=number):
                passed = [number] if 2 < number < 70 else []
                done = subprocess.run([PROGRAM, "engine", f"--descriptor={number}"], capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL, env=self.environment(), pass_fds=passed, timeout=60)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.check_refused(done, f"descriptor {number}", words)

    # Versions.

    def stand_in(self, *lines, answers=()):
        """A socket on which an engine of another version says these lines to whoever has said hello, and the answers to
        who gives a command."""
        folder = os.path.join(self.runtime, "signflip")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(os.path.join(folder, "1-aa.sock"))
        listener.listen()
        open_connections = []
        self.addCleanup(lambda: [connection.close() for connection in open_connections])

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection = listener.accept()[0]
                    open_connections.append(connection)
                    connection.recv(65536)
                    connection.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
                    while answers and (heard := connection.recv(65536)):
                        if b"command" in heard:
                            connection.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in answers))
        threading.Thread(target=serve, daemon=True).start()

    WELCOME = {"protocol": 1, "client": 1, "program": "77.1", "process": 4242, "run": "r1"}
    SNAPSHOT = {"snapshot": {"phase": "training", "seconds": 1, "lanes": [], "clients": 0}}

    def test_an_engine_of_another_protocol_is_named(self):
        self.stand_in({"welcome": {**self.WELCOME, "protocol": 2}})
        done = self.signflip("pause")
        self.check_refused(done, "77.1", "protocol 2", "protocol 1", "kill 4242", "signflip resume r1")
        self.assertIn("77.1", self.signflip("ps").stdout)

    def test_an_engine_whose_words_are_new_is_named(self):
        self.stand_in({"welcome": {"protocol": 3, "program": "77.1"}})
        self.check_refused(self.signflip("pause"), "77.1", "protocol 3", "signflip resume")

    def test_an_older_engine_that_refuses_is_told(self):
        self.stand_in({"error": "expected protocol 0, found 1"})
        self.check_refused(self.signflip("pause"), "another version", "expected protocol 0, found 1", "signflip resume")

    def test_a_refusal_is_told_by_its_code_not_by_its_words(self):
        self.stand_in({"error": "too many clients speak this protocol", "errorCode": "unavailable"})
        done = self.signflip("pause")
        self.check_refused(done, "too many clients speak this protocol")
        self.assertNotIn("version", done.stderr)

    def test_a_refusal_of_another_version_is_told_as_it_is(self):
        self.stand_in({"error": "use the other program", "errorCode": "version"})
        done = self.signflip("ps")
        self.assertIn("use the other program", done.stdout)

    def test_a_snapshot_that_is_not_understood_is_told(self):
        self.stand_in({"welcome": self.WELCOME}, {"snapshot": {"phase": "dreaming", "lanes": []}})
        self.check_refused(self.signflip("pause"), "77.1", "dreaming", "kill 4242")

    def test_new_kinds_of_events_are_left_out(self):
        applied = {"event": "applied", "id": 1, "client": 1, "lane": "a", "branch": 1, "step": 3, "change": "paused",
                   "seconds": 1, "origin": ""}
        self.stand_in({"welcome": self.WELCOME}, {"event": "teleported", "lane": "a"}, self.SNAPSHOT,
                      answers=[{"event": "dreamt", "id": 1, "client": 1}, applied])
        done = self.signflip("pause", "4242")
        self.assertEqual((done.returncode, done.stdout), (0, "a at step 3: paused\n"), done.stderr)
        # The other version of the engine is reported nevertheless.
        self.assertIn("77.1", done.stderr)

    def test_a_client_of_another_protocol_is_told_what_to_do(self):
        path, process = self.engine()
        client = Client(self, path, protocol=7, program="88.2")
        answer = client.hear()
        for words in ("expected protocol 1, found 7", "88.2", f"kill {process.pid}", "signflip resume"):
            self.assertIn(words, answer["error"])
        self.assertEqual(answer["errorCode"], "version")
        self.assertIsNone(client.hear())

    # What ps says.

    def test_ps_tells_why_an_engine_is_silent(self):
        _, process = self.training()
        self.assertIn("training: binary", self.signflip("ps").stdout)
        os.kill(process.pid, signal.SIGSTOP)
        try:
            told = self.signflip("ps").stdout
        finally:
            os.kill(process.pid, signal.SIGCONT)
        for words in ("does not answer", f"kill -CONT {process.pid}"):
            self.assertIn(words, told)
        self.wait_until("an answer", lambda: "training: binary" in self.signflip("ps").stdout)


if __name__ == "__main__":
    unittest.main()
