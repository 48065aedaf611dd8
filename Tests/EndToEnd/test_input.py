"""Terminal bytes that are not keys, during training: nothing changes, nothing is written, nothing freezes."""
import os
import random
import re
import time
import unittest

import random_input
from recorded import Recorded
from screen import PROGRAM, ROOT, Home, Terminal

TRAIN = f"{PROGRAM} train digits-quick --epochs 100000"
CORPUS = os.path.join(ROOT, "Tests", "TerminalUITests", "Input", "sequences.tsv")
ESCAPES = {"e": b"\x1b", "s": b" ", "r": b"\r", "n": b"\n", "t": b"\t", "a": b"\a", "\\": b"\\"}


def corpus():
    """The recorded sequences: (description, bytes, event)."""
    with open(CORPUS, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            terminal, name, text, event = line.rstrip("\n").split("\t")
            parts = re.split(r"\\(x[0-9a-f]{2}|.)", text)
            sent = b"".join(part.encode() if place % 2 == 0 else
                            ESCAPES.get(part) or bytes([int(part[1:], 16)]) for place, part in enumerate(parts))
            yield f"{terminal}, {name}", sent, event


class InputTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)

    def start(self, **settings):
        """A terminal in which lanes are training."""
        self.terminal = Terminal(self.home, **settings)
        self.addCleanup(self.terminal.close)
        self.terminal.run(TRAIN)
        self.terminal.wait_for(r"epoch +(?!0/)\d+/", 60)
        self.run = Recorded(os.path.join(self.home.settings["SIGNFLIP_RUNS"], self.home.runs()[-1]))

    def send(self, *pieces, pause=0.0):
        """Sends bytes in parts, as a terminal would."""
        for place, piece in enumerate(pieces):
            time.sleep(pause if place else 0)
            for begin in range(0, len(piece), 4000):
                self.terminal._tmux("send-keys", "-H", *[f"{byte:02x}" for byte in piece[begin:begin + 4000]])

    def changes(self):
        """The commands to the engine: the journal, and the requested checkpoints."""
        return (self.run.rows("SELECT lane, step, change, hyperparameter, old, new FROM journal"),
                self.run.rows("SELECT lane, step FROM checkpoints WHERE reason = 'asked'"))

    def check_that_keys_still_work(self):
        self.terminal.keys("?")
        self.terminal.wait_for("search", 10)
        self.terminal.keys("C-c")
        self.terminal.wait_for("▶ training", 10)

    def test_bytes_that_are_no_key(self):
        self.start()
        before = self.changes()
        draw = random.Random(14)
        # Unit tests cover sequences with a meaning; here, some without a meaning are sent, each split somewhere.
        rows = [(name, sent) for name, sent, event in corpus()
                if event == "none" and len(sent) > 2 and sent[1:2] in b"[O]P_^X"]
        rows = draw.sample(rows, 20) + [("a paste", b"\x1b[200~sxCSq >\r:stop-all\r\x1b[201~"),
                                        ("press", b"\x1b[<0;300;90M"), ("wheel", b"\x1b[<64;300;90M")]
        for name, sent in rows:
            place = draw.randrange(1, len(sent))
            with self.subTest(sequence=name, place=place):
                self.send(sent[:place], sent[place:], pause=draw.choice((0, 0.03, 0.05) if place == 1 else (0, 0.2)))
                self.assertNotRegex(self.terminal.text(), "Stop |Leave while|checkpoint of")
        # Random bytes inside sequences, invalid UTF-8, and unbound control characters.
        data = bytearray()
        for _ in range(400):
            inside = bytes(draw.randrange(256) for _ in range(draw.randrange(40)))
            text = inside.replace(b"\x07", b"").replace(b"\x1b", b"")
            data += draw.choice((b"\x1b]" + text + b"\x07", b"\x1bP" + text + b"\x1b\\", b"\x1b_" + text + b"\x1b\\",
                                 b"\x1b[200~" + inside.replace(b"~", b"") + b"\x1b[201~",
                                 b"\x1b[>" + bytes(byte & 0x1f | 0x20 for byte in inside) + b"C",
                                 bytes(byte | 0x80 for byte in inside if byte | 0x80 < 0xc2), b"\x13\x11\x00\x1d\x1e\x1f"))
        self.send(bytes(data))
        self.check_that_keys_still_work()
        # A paste with pauses, one of them in its end mark.
        self.send(b"\x1b[200~C C C", b"ssxS", b"\x1b[2", b"01~", pause=1.2)
        self.check_that_keys_still_work()
        self.assertEqual(self.changes(), before)

    def check_large_pastes(self):
        for sent in (b"\x1b[200~" + b"paste " * 40000 + b"\x1b[201~", b"words " * 20000):
            self.terminal.keys(":")
            self.terminal.wait_for("^ :", 10)
            self.send(sent)
            self.terminal.wait_for("a line has at most 4,096 characters", 20)
            self.terminal.keys("C-c")
            self.check_that_keys_still_work()

    def test_control_keys_and_large_pastes(self):
        self.start()
        terminal = self.terminal
        terminal.keys("C-s")
        epoch = terminal.wait_for(r"epoch +(\d+)/").group(1)
        terminal.wait_for(rf"epoch +(?!{epoch}/)\d+/", 60)
        terminal.keys(":")
        terminal.wait_for("^ :", 10)
        terminal.keys("C-c")
        terminal.wait_until("the end of the entry", lambda: not re.search("^ :", terminal.text(), re.MULTILINE))
        for key in ("C-c", "C-\\"):
            terminal.keys(key)
            terminal.wait_for("Leave while lanes are training")
            terminal.keys("n")
            terminal.wait_until("the answer", lambda: "Leave while" not in terminal.text())
        self.check_large_pastes()
        # Stopped by the key, and continued.
        terminal.keys("C-z")
        terminal.wait_for("Stopped")
        terminal.run("stty -a; fg")
        terminal.wait_for("▶ training", 20)
        terminal.keys("C-c")
        terminal.wait_for("Leave while lanes are training")
        terminal.keys("C-c")
        terminal.wait_for("training continues")
        terminal.run("echo status $?; stty -a")
        terminal.wait_for("^status 0")
        terminal.wait_for("[^-]ixon")

    def test_a_slower_line_by_the_environment(self):
        self.start(environment={"ESCDELAY": "600"})
        before = self.changes()
        self.send(b"\x1b", b"C", pause=0.3)
        self.send(b"\x1b", b"S", pause=0.3)
        self.check_that_keys_still_work()
        self.assertEqual(self.changes(), before)

    def test_any_bytes(self):
        draw = random.Random(1)
        for session in range(2):
            terminal = self.terminal = Terminal(self.home)
            self.addCleanup(terminal.close)
            # Bytes after the end of the program are discarded; otherwise a shell would execute them.
            terminal.run(f"cd ~; stty -a > {session}.before; {TRAIN}; trap '' INT QUIT TSTP; "
                         f"stty -a | cmp - {session}.before && echo modes are the same; exec sleep 1000")
            terminal.wait_for(r"epoch +(?!0/)\d+/", 60)
            for _ in range(10):
                if not terminal.process():
                    break
                # Ctrl-Z would stop it, as it should.
                self.send(bytes(draw.choice([byte for byte in range(256) if byte != 0x1a]) for _ in range(500)))
            # Ends any open paste, sequence, input or question.
            end = time.monotonic() + 60
            while terminal.process() and time.monotonic() < end:
                self.send(b"\x1b[201~")
                time.sleep(1.1)
                terminal.keys("C-c")
            self.assertIsNone(terminal.process(), terminal.text())
            terminal.wait_for("^modes are the same", 10)
            self.assertEqual(terminal.flag("alternate_on"), "0")
            self.assertEqual(terminal.flag("mouse_any_flag"), "0")

    def test_random_events_on_all_screens(self):
        draw = random.Random(20261130)
        events = random_input.Events(draw)
        sent, _, faults = random_input.run(PROGRAM, 5000, draw, events)
        self.assertEqual(faults, [])
        self.assertEqual(sent, 5000)
        self.assertLess(1000, events.counts["key"])


if __name__ == "__main__":
    unittest.main()
