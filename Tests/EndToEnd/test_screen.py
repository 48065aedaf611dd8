"""The live screen and its engine, in real pseudo-terminals."""
import ctypes
import os
import pathlib
import re
import signal
import unittest

from screen import PROGRAM, Home, Terminal

BRAILLE = re.compile("[\u2801-\u28ff]")
TRAIN = f"{PROGRAM} train digits-quick --epochs 1000"
MOVING = "▶ (training|validating)"


class ScreenTest(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.terminal = self.open()

    def open(self, **settings):
        terminal = Terminal(self.home, **settings)
        self.addCleanup(terminal.close)
        return terminal

    def start(self, command=TRAIN, terminal=None):
        terminal = terminal or self.terminal
        terminal.run(f"cd ~; stty -a > {terminal.socket}.before; clear")
        terminal.wait_for("^ready>")
        terminal.run(command)

    def start_training(self, command=TRAIN, epoch=1):
        self.start(command)
        self.terminal.wait_for(rf"epoch +(?!0/)\d+/", 60)
        self.wait_for_epoch(epoch)

    def wait_for_epoch(self, epoch, terminal=None):
        terminal = terminal or self.terminal
        terminal.wait_until(f"epoch {epoch}", lambda: self.epoch(terminal) >= epoch, 90)

    def epoch(self, terminal=None):
        match = re.search(r"epoch +(\d+)/", (terminal or self.terminal).text())
        return int(match.group(1)) if match else -1

    def engine(self):
        engines = list(self.home.engines())
        self.assertEqual(len(engines), 1)
        return engines[0]

    def leave(self, key, terminal=None):
        terminal = terminal or self.terminal
        terminal.keys("q")
        terminal.wait_for("l leave it (training|paused) +s stop it +n stay")
        terminal.keys(key)

    def check_signflip(self, *arguments):
        done = self.home.signflip(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def check_restored(self, terminal=None):
        """Checks that the shell's screen, cursor and modes are restored."""
        terminal = terminal or self.terminal
        terminal.wait_until("the shell", lambda: terminal.process() is None)
        self.assertEqual(terminal.flag("alternate_on"), "0")
        self.assertEqual(terminal.flag("cursor_flag"), "1")
        self.assertEqual(terminal.flag("mouse_any_flag"), "0")
        terminal.run(f"clear; stty -a | cmp {terminal.socket}.before && echo modes are the same")
        terminal.wait_for("^modes are the same")

    # One terminal

    def test_a_session_from_start_to_quit(self):
        terminal = self.terminal
        self.start()
        # Never an empty screen: the preparation is shown immediately.
        terminal.wait_for(r"preparing|reading|drawing|building", 10)
        self.wait_for_epoch(1)
        self.assertGreater(len(BRAILLE.findall(terminal.text())), 20)
        before = BRAILLE.findall(terminal.text())
        terminal.wait_until("a moving curve", lambda: BRAILLE.findall(terminal.text()) != before)

        # A changed learning rate is acknowledged with its step, and marked on every chart of both lanes.
        terminal.run(":set learningRate 2e-4")
        terminal.wait_for(r"learning rate .*→ 2e-4.*step [\d,]+")
        terminal.wait_until("the marks", lambda: terminal.text().count("lr 2e-4") >= 4)

        # Pause, step, continue.
        terminal.keys("Space")
        terminal.wait_until("both lanes paused", lambda: len(re.findall("‖ paused", terminal.text())) >= 2)
        terminal.keys("Space")
        terminal.wait_for(MOVING)

        # Another theme changes the colours immediately.
        colours = set(re.findall(r"\x1b\[[\d;]*m", terminal.colored()))
        terminal.run(":theme gruvbox-light")
        terminal.wait_until(
            "other colours", lambda: set(re.findall(r"\x1b\[[\d;]*m", terminal.colored())) - colours)

        for width, height in ((200, 60), (80, 24), (40, 10), (20, 5), (1, 1), (120, 40)):
            terminal.resize(width, height)
            terminal.wait_until(f"a frame of {width}x{height}", lambda: self.fills(width, height))

        # Quitting asks first; “stay” cancels it.
        for key in ("Escape", "n"):
            self.leave(key)
            terminal.wait_until("the answer", lambda: "leave it training" not in terminal.text())
            terminal.wait_for(MOVING)
        self.leave("s")
        terminal.wait_for(r"lane\s+test\s+best validation", 60)
        self.check_restored()
        self.assertIn("no training is running", self.check_signflip("ps"))

    def fills(self, width, height):
        lines = self.terminal.text().split("\n")
        words = sum(1 for line in lines if line.strip())
        if width == 1:
            return self.terminal.process() is not None
        return words >= min(height, 5) - 1 and max(len(line) for line in lines) <= width

    def test_the_launcher_starts_with_enter(self):
        self.start(PROGRAM)
        self.terminal.wait_for("digits-quick")
        self.terminal.keys("Enter")
        self.wait_for_epoch(1)
        self.leave("s")
        self.check_restored()

    def test_an_experiment_from_a_pipe(self):
        self.start_training(f"{PROGRAM} train <({PROGRAM} presets show digits-quick) --epochs 1000")
        self.leave("s")
        self.terminal.wait_for(r"lane\s+test\s+best validation", 60)
        self.check_restored()

    def test_less_than_a_full_terminal(self):
        for environment in ({"NO_COLOR": "1"}, {"LC_ALL": "C"}, {"TERM": "xterm"}):
            with self.subTest(environment=environment):
                terminal = self.open(environment=environment)
                terminal.run(TRAIN)
                self.wait_for_epoch(1, terminal)
                if "NO_COLOR" in environment:
                    self.assertFalse(re.search(r"\x1b\[(?:\d+;)*(?:[34][0-8]|9\d|10\d)[;m]", terminal.colored()))
                terminal.run(":glyphs ascii")
                terminal.wait_until("nothing but ASCII", lambda: terminal.text().isascii())
                self.leave("s", terminal)
                terminal.wait_for("ready>", 60)

    # Leaving and coming back

    def test_leaving_and_coming_back(self):
        terminal = self.terminal
        self.start_training(epoch=2)
        self.leave("l")
        self.check_restored()
        run = self.home.runs()[0]
        self.assertRegex(self.home.engines()[self.engine()], rf"^{run} +\d+ +0  training: baseline")

        # The whole history is shown immediately, without a gap in the curve.
        self.start(f"{PROGRAM} attach")
        terminal.wait_for(MOVING, 5)
        terminal.keys("4")
        for line in (r"0:00 .* started on", r"baseline +0  epoch 0 ", r"binary +\d+  epoch 1 "):
            terminal.wait_for(line, 2)
        self.assertNotIn("2:00", terminal.text())
        terminal.keys("1")
        self.leave("s")
        terminal.wait_for(r"lane\s+test\s+best validation", 60)
        self.check_restored()

    def test_a_killed_dashboard(self):
        terminal = self.terminal
        self.start_training()
        engine = self.engine()
        os.kill(terminal.process(), signal.SIGKILL)
        # Nothing could restore the modes.
        terminal.wait_until("the shell", lambda: terminal.process() is None)
        terminal.run("stty sane; tput rmcup; tput cnorm; printf '\\e[?1000l\\e[?1002l\\e[?1006l'; clear")
        terminal.wait_for("^ready>")
        self.assertEqual(self.engine(), engine)
        self.start(f"{PROGRAM} attach {engine}")
        terminal.wait_for(MOVING, 5)
        epoch = self.epoch()
        self.wait_for_epoch(epoch + 1)
        self.leave("s")
        self.check_restored()

    def test_signals_leave_the_training_and_give_the_terminal_back(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGABRT):
            with self.subTest(signal=number.name):
                self.start_training()
                os.kill(self.terminal.process(), number)
                self.check_restored()
                os.kill(self.engine(), signal.SIGKILL)
                self.terminal.wait_until("no engine", lambda: not self.home.engines())

    def test_a_closed_terminal_leaves_the_training(self):
        terminal = self.open()
        self.start(terminal=terminal)
        self.wait_for_epoch(1, terminal)
        screen = terminal.process()
        terminal.close()
        self.terminal.wait_until("the end of the screen", lambda: not os.path.exists(f"/proc/{screen}"))
        self.start(f"{PROGRAM} attach")
        self.wait_for_epoch(2)
        self.leave("s")
        self.check_restored()

    # Losing the engine

    def check_lost_and_resumed(self):
        terminal = self.terminal
        terminal.wait_for("✗ The engine .*has died", 5)
        self.assertRegex(terminal.text(), "✗ engine lost")
        self.assertEqual(terminal.text().count("✗ no engine"), 2)
        epoch, curves = self.epoch(), len(BRAILLE.findall(terminal.text()))
        self.assertGreater(curves, 20)
        terminal.keys("R")
        # It continues from the newest checkpoint, past the step at which it was lost.
        terminal.wait_for(MOVING, 20)
        self.wait_for_epoch(epoch + 1)
        self.assertNotIn("has died", terminal.text())
        self.leave("s")
        terminal.wait_for(r"lane\s+test\s+best validation", 60)
        self.check_restored()

    def test_a_killed_engine(self):
        self.start_training(epoch=2)
        os.kill(self.engine(), signal.SIGKILL)
        self.check_lost_and_resumed()

    def test_a_trap_in_a_lane(self):
        # The signal of a Swift trap, in the thread of a lane.
        libc = ctypes.CDLL(None, use_errno=True)
        self.start_training(epoch=2)
        engine = self.engine()
        lanes = [int(task) for task in os.listdir(f"/proc/{engine}/task")
                 if pathlib.Path(f"/proc/{engine}/task/{task}/comm").read_text().startswith("lane ")]
        self.assertEqual(len(lanes), 2)
        self.assertEqual(libc.syscall(234, engine, lanes[0], int(signal.SIGILL)), 0)  # tgkill
        self.check_lost_and_resumed()

    def test_leaving_a_dead_engine(self):
        self.start_training()
        os.kill(self.engine(), signal.SIGKILL)
        self.terminal.wait_for("has died", 5)
        self.terminal.keys("q")
        self.terminal.wait_for("Error: .*has died")
        self.check_restored()

    # Others

    def test_two_dashboards(self):
        one, other = self.terminal, self.open(width=160, height=48)
        self.start_training()
        self.start(f"{PROGRAM} attach", other)
        other.wait_for("2 watch", 10)
        one.run(":set binary.learningRate 2e-4")
        one.wait_for(r"learning rate .*→ 2e-4: binary at step [\d,]+")
        other.wait_for(r"→ 2e-4 in binary at step [\d,]+, by signflip train \(process \d+\)")
        other.wait_until("the marks", lambda: other.text().count("lr 2e-4") >= 2)
        other.keys("Space")
        one.wait_for(r"paused in .*, by signflip attach \(process \d+\)")
        one.wait_until("both lanes paused", lambda: one.text().count("‖ paused") >= 3)
        one.keys("4")
        one.wait_for(r"→ 2e-4 +(│|loss )")
        one.wait_for(r"paused, by signflip attach")
        # A client that leaves does not affect the other.
        self.leave("l", other)
        other.wait_for("training continues: signflip attach")
        self.check_restored(other)
        one.keys("Space")
        one.wait_for(MOVING)
        self.leave("s")
        self.check_restored()

    def test_commands_from_the_shell(self):
        terminal = self.terminal
        self.start_training()
        run = self.home.runs()[0]
        answer = self.check_signflip("set", run, "binary.learningRate=3e-4")
        self.assertRegex(answer, r"^binary at step \d+: learning rate \S+ → 3e-4")
        terminal.wait_for(r"→ 3e-4 in binary at step [\d,]+, by signflip set \(process \d+\)", 5)
        terminal.wait_until("the marks", lambda: terminal.text().count("lr 3e-4") == 2)
        self.check_signflip("pause", run)
        terminal.wait_until("both lanes paused", lambda: terminal.text().count("‖ paused") == 3)
        self.check_signflip("resume", run)
        terminal.wait_for(MOVING)

        # Suspended by another client: not reported as lost, and it can be resumed from here.
        self.wait_for_epoch(2)
        self.assertIn(f"signflip resume {run}", self.check_signflip("stop", run, "--suspend"))
        terminal.wait_for("The run was suspended; nothing is lost. R resumes it, q quits.", 5)
        self.assertEqual(terminal.text().count("‖ suspended"), 3)
        self.assertEqual(self.home.engines(), {})
        terminal.keys("R")
        self.wait_for_epoch(3)
        self.assertNotIn("suspended", terminal.text())
        self.check_signflip("stop", run, "--suspend")
        terminal.wait_for("The run was suspended", 5)
        terminal.keys("q")
        terminal.wait_for(f"suspended: signflip resume {run} continues it")
        self.check_restored()

        # Resumed by a new screen, and stopped by another client.
        self.start(f"{PROGRAM} resume last")
        terminal.wait_for(MOVING, 20)
        self.assertRegex(self.check_signflip("stop", run), r"lane +test +best validation")
        terminal.wait_for("■ stopped")
        terminal.wait_for("results")
        terminal.keys("q")
        self.check_restored()

    # The past

    def test_rewind_and_fork(self):
        terminal = self.terminal
        self.start_training(epoch=1)
        # A requested checkpoint is kept even if better ones follow; the times of automatic ones depend on the disk.
        terminal.keys("c")
        terminal.wait_for("enter rewinds, f forks, esc leaves")
        terminal.keys("C")
        step = terminal.wait_for(r"binary +([\d,]+) +\d+\.\d\d +asked for ").group(1)
        terminal.keys("Escape")
        self.wait_for_epoch(3)
        terminal.keys("Space")
        terminal.wait_until("both lanes paused", lambda: terminal.text().count("‖ paused") == 3)
        terminal.run(f":rewind binary {step}")
        terminal.wait_for(rf"Rewind binary to step {step}\?")
        terminal.keys("y")
        terminal.wait_for(rf"rewound from step [\d,]+: binary at step {step}")
        terminal.wait_until("the marks", lambda: len(re.findall("rewound(?! from)", terminal.text())) == 2)
        terminal.run(":resume")
        terminal.wait_until("both lanes going on", lambda: len(re.findall(MOVING, terminal.text())) == 3)

        terminal.keys("c")
        terminal.wait_for("enter rewinds, f forks, esc leaves")
        terminal.keys("End", "f")
        terminal.wait_for(r"^ fork \w+ @0 with")
        terminal.run("learningRate=1e-4")
        terminal.wait_for(r"╭─ \w+-2 ", 10)
        terminal.wait_for(r"learning rate +\S+ +\S+ +1e-4")
        # Both are reported once, without an origin, as they were made by this client.
        terminal.keys("4")
        terminal.wait_for(r"rewound from step [\d,]+ +│")
        terminal.wait_for(r"forked into \w+-2 +│")
        self.assertNotRegex(terminal.text(), "→ 1e-4|, by signflip")
        terminal.keys("1")
        self.leave("s")
        terminal.wait_for(r"^\w+-2 +\d", 60)
        self.check_restored()

    def test_viewing_recorded_runs(self):
        terminal = self.terminal
        for seed in ("1", "2"):
            done = self.home.signflip("train", "digits-quick", "--epochs", "2", "--seed", seed, "--headless")
            self.assertEqual(done.returncode, 0, done.stderr)
        one, other = self.home.runs()
        self.start(f"{PROGRAM} view {one}")
        terminal.wait_for("recording", 5)
        self.assertGreater(len(BRAILLE.findall(terminal.text())), 20)
        terminal.keys("Space")
        terminal.wait_for("this is a recording: signflip resume")
        terminal.keys("q")
        self.check_restored()
        self.start(f"{PROGRAM} view {one} {other}")
        terminal.wait_for("recording", 5)
        terminal.keys("2")
        terminal.wait_until("four curves", lambda: len(re.findall(r"── \S+", terminal.text())) >= 4)
        terminal.keys("q")
        self.check_restored()
        self.assertEqual(self.home.engines(), {})


if __name__ == "__main__":
    unittest.main()
