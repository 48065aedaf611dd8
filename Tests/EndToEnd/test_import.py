"""Weights that were trained elsewhere: a state dict in PyTorch's layout becomes a run, which is exported and trained on."""
import json
import os
import unittest

from recorded import RecordedRunTest

NETWORK = """\
- convolution: {filters: 9, kernel: 3}
- batchNormalization
- activation
- convolution: {filters: 17, kernel: 3}
- maxPool: 2
- batchNormalization
- activation
- flatten
- linear: 33
- batchNormalization
- activation
- linear: classes
"""

# What PyTorch would call the layers of this network: an nn.Sequential with the pooling and the activations between them.
MODULES = [("conv1", "0"), ("conv1.normalization", "1"), ("conv2", "3"), ("conv2.normalization", "5"), ("hidden1", "8"),
           ("hidden1.normalization", "9"), ("output", "11")]
BATCH_NORMALIZATION = [("scale", "weight"), ("shift", "bias"), ("runningMean", "running_mean"),
                       ("runningVariance", "running_var")]


class ImportTest(RecordedRunTest):
    def setUp(self):
        super().setUp()
        self.network = self.write("network.yaml", NETWORK)
        experiment = self.write("experiment.yaml", "name: before\nvalidation: 600\nlanes:\n"
                                "- {name: bnn, method: bnn, epochs: 1, batchSize: 50, precision: float32, network: [\n"
                                + ",\n".join("  " + (line[2:] if ":" not in line else "{" + line[2:] + "}")
                                             for line in NETWORK.splitlines()) + "]}\n")
        done = self.signflip("train", experiment, "--dataset", self.images, "--json", "--threads", "1", "--runs", self.runs)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.before = self.newest_run()

    def trained(self):
        """The newest latent weights and statistics that signflip has trained: {name: array}."""
        from safetensors.numpy import load_file
        return load_file(self.before.checkpoints("bnn")[0][3])

    def state_dict(self):
        """The same tensors as PyTorch would save them, with biases in front of batch normalization."""
        import numpy
        ours, theirs = self.trained(), {}
        draws = numpy.random.default_rng(5)
        for layer, module in MODULES:
            if layer.endswith("normalization"):
                for name, foreign in BATCH_NORMALIZATION:
                    theirs[f"{module}.{foreign}"] = ours[f"{layer}.{name}"].ravel()
                theirs[f"{module}.num_batches_tracked"] = numpy.array(60)
                continue
            weights = ours[f"{layer}.weights"]
            if layer.startswith("conv"):
                channels = weights.shape[1] // 9
                weights = weights.reshape(-1, 3, 3, channels).transpose(0, 3, 1, 2)
            elif layer == "hidden1":
                weights = weights.reshape(33, 6, 6, 17).transpose(0, 3, 1, 2).reshape(33, -1)
            theirs[f"{module}.weight"] = numpy.ascontiguousarray(weights)
            bias = ours.get(f"{layer}.bias")
            theirs[f"{module}.bias"] = draws.normal(0, 2, len(weights)).astype("float32") if bias is None else bias.ravel()
        # A bias in front moves the mean of what is normalized.
        for (layer, module), (normalization, next_module) in zip(MODULES, MODULES[1:]):
            if normalization.endswith("normalization"):
                theirs[f"{next_module}.running_mean"] = theirs[f"{next_module}.running_mean"] + theirs[f"{module}.bias"]
        return theirs

    def save(self, tensors, name="theirs.safetensors"):
        from safetensors.numpy import save_file
        path = os.path.join(self.folder, name)
        save_file(tensors, path)
        return path

    def imported(self, path, *more, network=None):
        """Runs the command, which must succeed; returns what it printed, and the new run."""
        said = self.command("import", path, "--network", network or self.network, "--dataset", self.images,
                            "--runs", self.runs, "--set", "precision=float32", *more)
        return said, self.newest_run()

    def refused(self, path, *more):
        """Runs the command, which must fail and leave nothing; returns its error."""
        before = set(os.listdir(self.runs))
        done = self.signflip("import", path, "--network", self.network, "--dataset", self.images, "--runs", self.runs, *more)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertEqual(set(os.listdir(self.runs)), before)
        self.assertNotIn("Fatal error", done.stderr)
        return done.stderr

    def check_tensors(self, run, tolerance=0.0):
        """The run's first checkpoint has the trained tensors."""
        import numpy
        from safetensors.numpy import load_file
        expected, found = self.trained(), load_file(run.checkpoints("imported")[-1][3])
        names = [name for name in expected if name in found and not name.endswith("Moment") and "flip" not in name]
        self.assertGreater(len(names), 16)
        for name in names:
            numpy.testing.assert_allclose(found[name], expected[name], rtol=tolerance, atol=tolerance, err_msg=name)

    def accuracy(self, run, lane):
        """The validation accuracy of the newest checkpoint."""
        return run.rows("SELECT validationAccuracy FROM epochs WHERE lane = ? ORDER BY step DESC", lane)[0][0]

    def test_a_state_dict_of_pytorch_becomes_the_same_network(self):
        said, run = self.imported(self.save(self.state_dict()))
        self.assertIn("minus 0.bias", said)
        self.assertIn("channels last", said)
        # The means lost a bias and got it back: equal but for rounding.
        self.check_tensors(run, 2e-5)
        self.assertAlmostEqual(self.accuracy(run, "imported"), self.accuracy(self.before, "bnn"), delta=0.005)
        packed = os.path.join(self.folder, "packed.signflip")
        self.command("export", run.directory, "-o", packed)
        done = self.signflip("eval", packed, "--json", "--dataset", self.images)
        self.assertEqual(done.returncode, 0, done.stderr)
        ours = self.before.rows("SELECT testAccuracy FROM results")[0][0]
        self.assertAlmostEqual(json.loads(done.stdout)["accuracy"], ours, delta=0.005)

    def test_names_types_and_a_map(self):
        import numpy
        theirs = self.state_dict()
        doubles = {name: value.astype("float64") if value.dtype == numpy.float32 else value for name, value in theirs.items()}
        self.check_tensors(self.imported(self.save(doubles))[1], 2e-5)
        halves = {name: value.astype("float16") if value.dtype == numpy.float32 else value for name, value in theirs.items()}
        self.check_tensors(self.imported(self.save(halves))[1], 2e-2)
        # Names that say nothing, in an order that is not the network's.
        odd = {f"t{hash_}": theirs[name] for hash_, name in enumerate(reversed(theirs))}
        self.assertIn("no tensor was found for\n  conv1.weights [9, 1, 3, 3]", self.refused(self.save(odd)))
        names = {name: f"t{hash_}" for hash_, name in enumerate(reversed(theirs))}
        lines = []
        for layer, module in MODULES:
            if layer.endswith("normalization"):
                lines += [f"{layer}.{name}: {names[f'{module}.{foreign}']}" for name, foreign in BATCH_NORMALIZATION]
                lines.append(f"# {module}")
            else:
                lines += [f"{layer}.weights: {names[f'{module}.weight']}", f"{layer}.bias: {names[f'{module}.bias']}"]
        ignored = [names[name] for name in theirs if name.endswith("tracked")]
        lines.append(f"ignore: [{', '.join(ignored)}]")
        path = self.write("map.yaml", "\n".join(lines))
        self.check_tensors(self.imported(self.save(odd), "--map", path)[1], 2e-5)

    def test_the_files_of_signflip_come_back_as_they_were(self):
        path = os.path.join(self.folder, "ours.safetensors")
        self.command("export", self.before.directory, "--checkpoint", "last", "--format", "safetensors", "-o", path)
        said, run = self.imported(path)
        self.check_tensors(run)
        self.assertIn("hidden1.latentWeights", said)

    def test_an_imported_run_trains_on_and_replays(self):
        _, run = self.imported(self.save(self.state_dict()), "--set", "epochs=2", "--set", "batchSize=50")
        self.command("resume", run.directory, "--headless")
        self.assertEqual(run.rows("SELECT steps FROM results")[0][0], 2 * 50)
        said = self.command("replay", run.directory)
        self.assertIn("the same", said)
        self.assertIn(run.digests()["imported"], said)
        # Without its first checkpoint nothing gives the weights again.
        os.remove(run.checkpoints("imported")[-1][3])
        done = self.signflip("replay", run.directory)
        self.assertNotEqual(done.returncode, 0)
        # A second file of the step has a number.
        self.assertRegex(done.stderr, r"imported-1-0(\.\d)?\.safetensors: expected a checkpoint")

    def test_what_does_not_fit_is_refused(self):
        import numpy
        theirs = self.state_dict()
        self.assertIn("no place for\n  12.weight [10, 10]",
                      self.refused(self.save({**theirs, "12.weight": numpy.zeros((10, 10), "float32")})))
        less = {name: value for name, value in theirs.items() if not name.startswith("9.running")}
        self.assertIn("hidden1.normalization.runningMean [33]", self.refused(self.save(less)))
        wrong = {**theirs, "3.weight": theirs["3.weight"][:, :8]}
        self.assertIn("conv2.weights [17, 9, 3, 3]", self.refused(self.save(wrong)))
        broken = theirs["8.weight"].copy()
        broken[3, 5] = numpy.nan
        error = self.refused(self.save({**theirs, "8.weight": broken}))
        self.assertIn("8.weight: expected finite numbers, found nan", error)
        whole = {**theirs, "8.weight": theirs["8.weight"].astype("int32")}
        self.assertIn("8.weight: expected floating-point numbers, found I32", self.refused(self.save(whole)))
        path = self.save(theirs)
        self.assertIn("found nothing", self.refused(path, "--map", self.write("map.yaml", "conv1.weights: nothing")))
        self.assertIn("found none of this name", self.refused(path, "--map", self.write("map.yaml", "conv9.weights: 0.weight")))
        self.assertIn("magic", self.refused(path, "--method", "magic"))
        with open(path, "rb") as file:
            start = file.read(2000)
        self.assertIn("theirs.safetensors", self.refused(self.write("theirs.safetensors", start)))


if __name__ == "__main__":
    unittest.main()
