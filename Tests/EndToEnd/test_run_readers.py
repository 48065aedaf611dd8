"""Runs read in Python: TensorBoard reads the exported scalars, and safetensors the checkpoints."""
import hashlib
import importlib.util
import json
import os
import shutil
import unittest

from recorded import RecordedRunTest

PACKAGES = ("numpy", "safetensors", "tensorboard")


class ReaderTest(RecordedRunTest):
    def setUp(self):
        missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
        if missing:
            self.fail(f"Python's {', '.join(missing)} must be installed: see the tests' line in README.md")
        super().setUp()

    # TensorBoard.

    def exported(self, run):
        """What `runs export` tells, as TensorBoard names it: {lane or lane~branch: {tag: [(time, step, value)]}}."""
        import numpy
        document = json.loads(self.command("runs", "export", run.directory, "--format", "json"))
        found, newest = {}, {}
        for series in document["series"]:
            lane, branch = series["lane"], series["branch"]
            folder = lane if branch == 1 else f"{lane}~{branch}"
            tag = series["metric"] + (f"/{series['layer']}" if "layer" in series else "")
            values = [float(numpy.float32(value)) for value in series["values"]]
            found.setdefault(folder, {})[tag] = list(zip(series["times"], series["steps"], values, strict=True))
            newest[lane] = max(newest.get(lane, (1, "")), (branch, folder))
        for result in document["results"]:
            # The test result is not a point of a series: its time is that of the record of the lane's end.
            time, = run.rows("SELECT time FROM results WHERE lane = ?", result["lane"])[0]
            accuracy = float(numpy.float32(result["testAccuracy"]))
            # A fork at a lane's last step is tested without training.
            _, folder = newest.get(result["lane"], (1, result["lane"]))
            found.setdefault(folder, {})["testAccuracy"] = [(time, result["steps"], accuracy)]
        return found

    def check_tensorboard(self, run):
        import check_tensorboard
        folder = os.path.join(run.directory, "tensorboard")
        expected = self.exported(run)
        self.assertGreater(sum(len(points) for tags in expected.values() for points in tags.values()), 1000)
        self.assertEqual(check_tensorboard.differences(check_tensorboard.scalars(folder), expected)[:5], [])
        self.assertEqual(check_tensorboard.damaged(folder), [])
        return expected

    def test_tensorboard_reads_what_is_exported(self):
        run = self.train()
        self.assertEqual(set(self.check_tensorboard(run)), {"float", "binary", "bnn"})

    def test_tensorboard_after_kill_9_and_a_rewind(self):
        process, run = self.paused()
        self.command("checkpoint", run.name)
        step = max(step for _, _, step, _ in run.checkpoints("bnn"))
        self.command("resume", run.name)
        epoch = run.log().count(" epoch ")
        self.wait_until("an epoch more", lambda: run.log().count(" epoch ") > epoch, process=process)
        self.end(process)
        process = self.start("resume", run.directory, "--headless", "--json")
        self.wait_until("going on", lambda: run.log().count("the run continues") == 1, process=process)
        self.command("rewind", run.name, "bnn", str(step))
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(set(self.check_tensorboard(run)), {"float", "binary", "bnn", "bnn~2"})
        # Resumed again although it is finished: nothing changes.
        self.command("resume", run.directory, "--headless")
        self.check_tensorboard(run)

    def following(self, run):
        """TensorBoard's reader as it runs without its data server: it never goes back to a file. Returns what asks it for
        {folder: {tag: [step]}}."""
        from tensorboard.backend.event_processing import event_accumulator, event_multiplexer
        everything = dict.fromkeys(event_accumulator.DEFAULT_SIZE_GUIDANCE, 0)
        reader = event_multiplexer.EventMultiplexer(size_guidance=everything)

        def steps():
            reader.AddRunsFromDirectory(os.path.join(run.directory, "tensorboard"))
            reader.Reload()
            found = {}
            for name in reader.Runs():
                events = reader.GetAccumulator(name)
                found[name] = {tag: [event.step for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
            return found
        return steps

    def recorded_steps(self, run):
        """The same, from the exported files."""
        return {folder: {tag: [step for _, step, _ in points] for tag, points in tags.items()}
                for folder, tags in self.exported(run).items()}

    def test_a_running_tensorboard_follows_a_kill_a_rewind_and_a_fork(self):
        process, run = self.paused()
        folder = os.path.join(run.directory, "tensorboard")
        # The clock is set back: existing files are from the year 2033.
        for path, _, names in list(os.walk(folder)):
            for name in filter(lambda name: "tfevents" in name, names):
                words = name.split(".")
                words[3] = "2000000000"
                os.rename(os.path.join(path, name), os.path.join(path, ".".join(words)))
        self.command("resume", run.name)
        following = self.following(run)
        self.wait_until("more points", lambda: len(following()["float"]["trainLoss"]) > 150, process=process)
        self.command("checkpoint", run.name)
        # The float lane is the fastest: its newest checkpoint after the kill may be its last, at which a fork would not train.
        step, forked = (max(step for _, _, step, _ in run.checkpoints(lane)) for lane in ("binary", "float"))
        epoch = run.log().count(" epoch ")
        self.wait_until("an epoch more", lambda: run.log().count(" epoch ") > epoch, process=process)
        files = {os.path.join(path, name) for path, _, names in os.walk(folder) for name in names}
        following()
        self.end(process)
        process = self.start("resume", run.directory, "--headless", "--json")
        self.wait_until("going on", lambda: run.log().count("the run continues") == 1, process=process)
        following()
        self.command("rewind", run.name, "binary", str(step))
        self.command("fork", run.name, "float", str(forked))
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        self.assertEqual({path for path in files if not os.path.exists(path)}, set())
        expected = self.recorded_steps(run)
        self.assertEqual(set(expected), {"float", "binary", "bnn", "binary~2", "float-2"})
        found = self.wait_until("all points", lambda: (steps := following()) == expected and steps or None, seconds=20)
        self.assertEqual(len(found["bnn"]["trainLoss"]), 640)
        # A new reader gets the same.
        self.check_tensorboard(run)

    def test_a_running_tensorboard_follows_a_stop_and_a_resume(self):
        process, run = self.paused()
        following = self.following(run)
        following()
        self.command("stop", run.name)
        process.communicate(timeout=60)
        self.assertIn("testAccuracy", following()["bnn"])
        self.command("resume", run.directory, "--headless")
        expected = self.recorded_steps(run)
        self.assertEqual(len(expected["bnn"]["testAccuracy"]), 1)
        self.wait_until("all points", lambda: following() == expected, seconds=20)
        self.check_tensorboard(run)

    def test_event_files_that_were_deleted_are_told_once_more(self):
        process, run = self.paused()
        self.end(process)
        shutil.rmtree(os.path.join(run.directory, "tensorboard", "bnn"))
        following = self.following(run)
        following()
        self.command("resume", run.directory, "--headless")
        expected = self.recorded_steps(run)
        self.wait_until("all points", lambda: following() == expected, seconds=20)
        self.check_tensorboard(run)

    # Safetensors.

    def names_and_shapes(self, binary):
        """The documented tensors of a checkpoint of 144-512-512-10."""
        weights = {"hidden1.weights": (512, 144), "hidden2.weights": (512, 512), "output.weights": (10, 512)}
        vectors = {"output.bias": (1, 10), **{f"hidden{layer}.normalization.{part}": (1, 512)
                                              for layer in (1, 2) for part in ("scale", "shift")}}
        statistics = {f"hidden{layer}.normalization.running{part}": (1, 512)
                      for layer in (1, 2) for part in ("Mean", "Variance")}
        moments = {f"{name}.{moment}Moment": shape for name, shape in {**weights, **vectors}.items()
                   for moment in ("first", "second")}
        counts = {f"{name}.flipCounts": shape for name, shape in weights.items() if binary}
        network = {**weights, **vectors, **statistics}
        return network, {**network, **moments, **counts}

    def test_safetensors_loads_checkpoints(self):
        import ml_dtypes  # NumPy knows bfloat16 with it.
        import numpy
        import safetensors
        import safetensors.numpy
        run = self.train()
        digests = run.digests()
        for lane in ("float", "binary", "bnn"):
            with self.subTest(lane=lane):
                path = max(run.checkpoints(lane), key=lambda checkpoint: checkpoint[2])[-1]
                tensors = safetensors.numpy.load_file(path)
                network, whole = self.names_and_shapes(binary=lane != "float")
                best = {f"best.{name}": shape for name, shape in network.items()}
                has_best = "best.output.bias" in tensors
                self.assertEqual({name: tensor.shape for name, tensor in tensors.items()},
                                 {**whole, **best} if has_best else whole)
                for name, tensor in tensors.items():
                    is_count = name.endswith("flipCounts")
                    # The lane “bnn” asks for it.
                    moments = ml_dtypes.bfloat16 if lane == "bnn" else numpy.float32
                    kind = numpy.uint16 if is_count else moments if name.endswith("Moment") else numpy.float32
                    self.assertEqual(tensor.dtype, kind, name)
                    tensor = tensor.astype(numpy.float32)
                    self.assertTrue(numpy.isfinite(tensor).all(), name)
                    self.assertGreater(tensor.std(), 0, name)
                    if name.endswith(("secondMoment", "Variance")):
                        self.assertGreaterEqual(tensor.min(), 0, name)
                    # Latent weights stay within the clip.
                    if lane != "float" and name.endswith(".weights"):
                        self.assertLessEqual(abs(tensor).max(), 1, name)
                        self.assertEqual(abs(tensor).max() > 0.5, True, name)
                with safetensors.safe_open(path, "numpy") as file:
                    metadata = file.metadata()
                self.assertEqual((metadata["lane"], metadata["format"]), (lane, "signflip 2"))
                self.assertEqual(json.loads(metadata["state"])["step"], 640)
                # The digest of the best weights: the layers in order, each with its statistics at the end.
                digest = hashlib.sha256()
                for layer in ("hidden1", "hidden2", "output"):
                    for part in ("weights", "bias", "normalization.scale", "normalization.shift",
                                 "normalization.runningMean", "normalization.runningVariance"):
                        name = ("best." if has_best else "") + f"{layer}.{part}"
                        if name in tensors:
                            digest.update(tensors[name].astype("<f4").tobytes())
                self.assertEqual(digest.hexdigest(), digests[lane])


if __name__ == "__main__":
    unittest.main()
