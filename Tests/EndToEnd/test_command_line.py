"""The command line: JSON lines, summaries, and a clear message for each invalid input."""
import contextlib
import fcntl
import gzip
import json
import os
import pty
import signal
import struct
import subprocess
import termios
import time
import unittest

from program import ProgramTest, images, labels
from screen import PROGRAM


class CommandLineTest(ProgramTest):
    def dataset(self, **changed):
        files = {"train-images-idx3-ubyte": images(300), "train-labels-idx1-ubyte": labels(300),
                 "t10k-images-idx3-ubyte": images(100), "t10k-labels-idx1-ubyte": labels(100)}
        files.update({name.replace("_", "-"): content for name, content in changed.items()})
        folder = os.path.join(self.folder, "images")
        os.makedirs(folder, exist_ok=True)
        for name, content in files.items():
            if content is not None:
                self.write(os.path.join("images", name), content)
        return folder

    def experiment(self, text):
        return self.write("experiment.yaml", text)

    def test_json_lines(self):
        done = self.signflip("train", "digits-quick", "--epochs", "1", "--json", "--seed", "5")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(lines[0]["event"], "started")
        epochs = [line for line in lines if line["event"] == "epoch"]
        self.assertEqual(sorted((line["lane"], line["epoch"]) for line in epochs),
                         [("baseline", 0), ("baseline", 1), ("binary", 0), ("binary", 1)])
        for line in epochs:
            self.assertLessEqual({"event", "lane", "epoch", "step", "trainLoss", "validationLoss", "validationAccuracy",
                                  "learningRate", "flipRate", "imagesPerSecond"}, set(line))
        self.assertEqual(lines[-1]["event"], "finished")
        results = {lane["lane"]: lane for lane in lines[-1]["lanes"]}
        for lane in results.values():
            self.assertLessEqual({"lane", "testAccuracy", "bestValidationAccuracy", "bestEpoch", "weightsSHA256",
                                  "parameters", "seconds"}, set(lane))
            self.assertGreater(lane["testAccuracy"], 0.9)
        again = self.signflip("train", "digits-quick", "--epochs", "1", "--json", "--seed", "5")
        last = json.loads(again.stdout.splitlines()[-1])
        self.assertEqual([lane["weightsSHA256"] for lane in last["lanes"]],
                         [results[lane["lane"]]["weightsSHA256"] for lane in last["lanes"]])

    def test_bench(self):
        done = self.signflip("bench", "--rounds", "1", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = {}
        for line in map(json.loads, done.stdout.splitlines()):
            lines.setdefault(line["bench"], []).append(line)
        self.assertEqual(set(lines), {"machine", "product", "convolution", "train", "memory"})
        (machine,) = lines["machine"]
        self.assertEqual(machine["cores"], len(os.sched_getaffinity(0)))
        self.assertLessEqual({"processor", "kernels", "oneDNN", "signflip"}, set(machine))
        for line in lines["product"]:
            for figure in ("signs", "floatsWithSigns", "floats", "popcount", "ceiling"):
                self.assertGreater(line[figure + "PerSecond"], 0)
        # The fields used by the scripts of Tests/Peers, and the memory of a step.
        fields = {"peer", "net", "kind", "optimizer", "precision", "threads", "batch", "millisecondsPerStep",
                  "imagesPerSecond", "lanes", "activationBytes", "peakResidentBytes"}
        for line in lines["train"]:
            self.assertLessEqual(fields, set(line))
        kept = {line["kind"]: line["activationBytes"] for line in lines["train"] if line["dropout"] in (0, 0.5)}
        self.assertLess(kept["bnn"] * 8, kept["baseline"])
        self.assertGreater(lines["memory"][0]["bytesPerSecond"], 0)

    def test_bench_screens(self):
        done = self.signflip("bench", "screens", "--rounds", "2", "--points", "50000", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        screens = {line["screen"]: line for line in lines if line["bench"] == "screen"}
        self.assertEqual(set(screens), {"lanes", "compare", "flips", "journal", "deploy", "predict", "network", "weights",
                                        "machine"})
        for line in screens.values():
            self.assertGreater(line["firstMilliseconds"], 0)
            self.assertGreater(line["wholeMilliseconds"], 0)
        for name in ("lanes", "compare", "flips"):
            self.assertGreater(screens[name]["curvesMilliseconds"], 0)
        (series,) = [line for line in lines if line["bench"] == "series"]
        for figure in ("firstAppendNanoseconds", "lastAppendNanoseconds", "redrawMilliseconds", "windowMilliseconds"):
            self.assertGreater(series[figure], 0)
        wrong = self.signflip("bench", "screens", "--width", "0")
        self.assertIn("expected --width from 1 to 1000, found 0", wrong.stderr)

    def test_ctrl_c_stops_with_the_summary(self):
        process = self.start("train", "digits-quick", "--epochs", "1000", "--json")
        for line in process.stdout:
            if json.loads(line)["event"] == "epoch":
                break
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        last = json.loads(rest.splitlines()[-1])
        self.assertEqual(last["event"], "finished")
        self.assertTrue(all(lane["stopped"] for lane in last["lanes"]))

    def test_output_that_cannot_be_written(self):
        for command in ("presets", "presets show digits-quick", "themes", "data", "--help", "train --help",
                        "train digits-quick --epochs 1 --headless", "train digits-quick --epochs 1000 --json"):
            for place, reason in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
                with self.subTest(command=command, place=place):
                    done = self.shell(f"\"$S\" {command} {place}")
                    self.check_refused(done, "standard output cannot be written", reason)
                    self.assertEqual(done.returncode, 1)
                    self.assertEqual(done.stderr.count("Error"), 1, done.stderr)

    def test_a_reader_that_leaves(self):
        for command in ("train digits-quick --epochs 1000 --json", "presets"):
            with self.subTest(command=command):
                # The reader closes the pipe before the second write of the training, and before the only one of the list.
                reader = "head -1" if command.startswith("train") else "true"
                wait = "" if command.startswith("train") else "sleep 0.5; "
                done = self.shell(f"({wait}\"$S\" {command}) | {reader}; exit ${{PIPESTATUS[0]}}")
                self.assertEqual(done.returncode, 128 + signal.SIGPIPE)
                for word in ("Error", "Fatal", "Crash"):
                    self.assertNotIn(word, done.stderr)

    def test_progress_that_cannot_be_written(self):
        for place in ("2>/dev/full", "2>&-", "2> >(true)"):
            with self.subTest(place=place):
                done = self.shell(f"\"$S\" train digits-quick --epochs 1 --headless {place}")
                self.assertEqual(done.returncode, 0)
                self.assertRegex(done.stdout, r"(?m)^binary +\d")

    def test_progress(self):
        done = self.signflip("train", "digits-quick", "--epochs", "1", "--headless")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"(?m)^digits-quick: .*, seed \d+, threads \d+ \+ \d+$")
        # Epoch 0 has neither training loss nor speed.
        self.assertRegex(done.stderr, r"(?m)^binary  epoch 0  validation [\d.]+  accuracy [\d.]+ %$")
        self.assertRegex(done.stderr, r"(?m)^binary  epoch 1  loss .* img/s$")
        self.assertNotIn("nan", done.stderr)

    def progress_on_a_terminal(self, columns, terminal):
        """The output of a training to standard error on a terminal of this width."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = self.start("train", "digits-quick", "--epochs", "1", "--headless", stderr=slave,
                             env=dict(self.environment(), TERM=terminal))
        os.close(slave)
        written = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while part := os.read(master, 1 << 16):
                written += part
        os.close(master)
        self.assertEqual(process.wait(), 0)
        return written.decode()

    def test_the_progress_line_never_wraps(self):
        for columns in (120, 40, 24):
            with self.subTest(columns=columns):
                lines = self.progress_on_a_terminal(columns, "xterm").split("\r\x1b[K")[1:]
                lines = [line for line in lines if line and "\n" not in line]
                self.assertTrue(any("baseline" in line for line in lines), lines)
                self.assertLessEqual(max(map(len, lines)), columns - 2)
                self.assertEqual(any("img/s" in line for line in lines), columns == 120)

    def test_a_terminal_that_rewrites_nothing_shows_no_progress_line(self):
        self.assertNotIn("\x1b", self.progress_on_a_terminal(80, "dumb"))

    def test_threads(self):
        done = self.signflip("train", "digits-quick", "--epochs", "1", "--json", "--threads", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([lane["threads"] for lane in json.loads(done.stdout.splitlines()[0])["lanes"]], [3, 3])

    def test_control_characters_stay_out_of_the_terminal(self):
        path = self.experiment('name: "red\\e[31m"\n'
                               'validation: 50\n'
                               'defaults: {hidden: [], epochs: 1, batchSize: 10}\n'
                               'lanes: [{name: a}]\n')
        done = self.signflip("train", path, "--dataset", self.dataset(), "--headless")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("red\\u{1B}[31m: ", done.stderr)
        refused = self.signflip("train", self.experiment('lanes: [{name: a, "b\\e[31m\\x9b": 1}]'), "--headless")
        self.check_refused(refused, "b\\u{1B}[31m\\u{9B}")
        for text in (done.stderr, refused.stderr):
            self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")

    def test_the_process_bears_the_name_of_the_program(self):
        process = self.start("train", "digits-quick", "--epochs", "1000", "--json")
        process.stdout.readline()
        with open(f"/proc/{process.pid}/comm") as name:
            self.assertEqual(name.read().strip(), os.path.basename(PROGRAM)[:15])

    def test_an_experiment_from_a_pipe(self):
        done = self.shell("\"$S\" train <(\"$S\" presets show digits-quick) --epochs 1 --json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["event"], "finished")

    def test_ctrl_c_while_preparing(self):
        # A lock on the folder of sockets stops the program just before its preparation.
        folder = os.path.join(self.runtime, "signflip")
        os.mkdir(folder, 0o700)
        holder = os.open(folder, os.O_RDONLY)
        fcntl.flock(holder, fcntl.LOCK_EX)
        process = self.start("train", "digits-quick", "--headless")
        while process.poll() is None and not self.waits_for_a_lock(process):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        os.close(holder)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("stopped before training began", errors)
        self.assertEqual(output, "")

    @staticmethod
    def waits_for_a_lock(process):
        with open("/proc/locks") as locks:
            return any("->" in line and str(process.pid) in line.split() for line in locks)

    def test_lists(self):
        self.assertIn("mnist-binaryconnect", self.signflip("presets").stdout)
        shown = self.signflip("presets", "show", "mnist-bnn").stdout
        self.assertEqual(self.signflip("train", self.experiment(shown), "--dataset", "/nowhere", "--headless").returncode, 1)
        self.assertIn("digits", self.signflip("data").stdout)
        themes = self.signflip("themes").stdout
        self.assertGreaterEqual(len([line for line in themes.splitlines() if ".yaml" in line]), 8)

    def test_wrong_words(self):
        self.check_refused(self.signflip("train", "minst-quick", "--headless"), "minst-quick", "mnist-quick")
        self.check_refused(self.signflip("train", "digits-quick", "--headless", "--set", "binary.learnRate=1"), "learnRate")
        self.check_refused(self.signflip("train", "digits-quick", "--headless", "--set", "binary.dropout=2"),
                           "dropout", "0 to 0.95", "2")
        self.check_refused(self.signflip("train", "digits-quick", "--headless", "--set", "other.dropout=0"), "other", "baseline")
        self.check_refused(self.signflip("train", "digits-quick", "--headless", "--epochs", "0"), "epochs")
        for threads in ("0", "100000"):
            self.check_refused(self.signflip("train", "digits-quick", "--headless", "--threads", threads), "1 to 1024", threads)
        self.check_refused(self.signflip("train", "/nowhere.yaml", "--headless"), "/nowhere.yaml")
        for seed in ("-1", "abc"):
            self.check_refused(self.signflip("train", "digits-quick", "--headless", "--seed", seed), seed, "whole number")
        self.check_refused(self.signflip("trian", "digits-quick"), "trian", "subcommand", "--help")
        self.check_refused(self.signflip("train", "digits-quick", "--theme", "/nowhere"), "/nowhere: expected", "no such file")
        self.check_refused(self.signflip("train", self.experiment("lanes: [{name: a"), "--headless"), "experiment.yaml", "YAML")
        self.check_refused(self.signflip("train", self.experiment("lanes:\n  - {name: a, hiden: [3]}"), "--headless"),
                           "experiment.yaml:2", "hiden", "hidden")
        self.check_refused(self.signflip("train", "mnist-quick", "--headless"), "mnist", "train-images")
        self.check_refused(self.signflip("train", "digits-quick", "--headless", "--data", "/nowhere"), "/nowhere")

    def test_wrong_files(self):
        def refused(*words, **changed):
            folder = self.dataset(**changed)
            self.check_refused(self.signflip("train", "mnist-quick", "--headless", "--dataset", folder), *words)
            for name in os.listdir(folder):
                os.remove(os.path.join(folder, name))

        whole = images(300)
        refused("train-images-idx3-ubyte", train_images_idx3_ubyte=None)
        refused("train-images-idx3-ubyte", "expected", "found", train_images_idx3_ubyte=whole[:-1])
        refused("train-images-idx3-ubyte", "expected", "found", train_images_idx3_ubyte=whole + b"x")
        refused("train-images-idx3-ubyte", "expected", "found", train_images_idx3_ubyte=images(300, magic=0x1234))
        refused("train-images-idx3-ubyte", train_images_idx3_ubyte=gzip.compress(whole)[:-20])
        refused("train-labels-idx1-ubyte", "299", "300", train_labels_idx1_ubyte=labels(299))
        refused("one size", "28 × 28", "14 × 14", t10k_images_idx3_ubyte=images(100, side=14))

    def test_more_validation_than_images(self):
        path = self.experiment("validation: 10000\nlanes: [{name: a}]\n")
        self.check_refused(self.signflip("train", path, "--headless", "--dataset", self.dataset()), "0 to 299", "10000")

    def test_a_loss_that_is_no_number(self):
        path = self.experiment("validation: 50\n"
                               "defaults: {hidden: [], epochs: 100, batchSize: 10}\n"
                               "lanes:\n"
                               "  - {name: wild, learningRate: 10, weightDecay: 1, optimizer: sgd}\n"
                               "  - {name: calm, learningRate: 0.001, epochs: 1}\n")
        done = self.signflip("train", path, "--dataset", self.dataset(), "--json")
        self.check_refused(done, "wild", "at step", "last good loss")
        lanes = {lane["lane"]: lane for lane in json.loads(done.stdout.splitlines()[-1])["lanes"]}
        self.assertIsNone(lanes["calm"]["failure"])
        self.assertIn("at step", lanes["wild"]["failure"])

    def test_terminals_that_cant(self):
        for term, word in (("dumb", "cursor"), ("no-such-terminal", "no-such-terminal")):
            done = subprocess.run(["script", "-qec", f"{PROGRAM} train digits-quick", "/dev/null"], capture_output=True,
                                  text=True, env=self.environment(TERM=term), stdin=subprocess.DEVNULL, timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(word, done.stdout)

    def test_what_is_wrong_is_told_before_the_screen_is_taken(self):
        # Theme and terminal are checked first: nothing is read or trained if the screen can't be shown.
        for arguments, term, word in (("digits-quick --theme nosuch", "xterm", "nosuch"),
                                      ("/nowhere.yaml --theme nosuch", "xterm", "nosuch"),
                                      ("/nowhere.yaml", "dumb", "cursor"),
                                      ("/nowhere.yaml", "xterm", "/nowhere.yaml"),
                                      ("digits-quick --set other.dropout=0", "xterm", "baseline")):
            with self.subTest(arguments=arguments, term=term):
                done = subprocess.run(["script", "-qec", f"{PROGRAM} train {arguments}", "/dev/null"],
                                      capture_output=True, text=True, env=self.environment(TERM=term),
                                      stdin=subprocess.DEVNULL, timeout=60)
                self.assertEqual(done.returncode, 1)
                self.assertIn(word, done.stdout)
                self.assertNotIn("\x1b", done.stdout)


if __name__ == "__main__":
    unittest.main()
