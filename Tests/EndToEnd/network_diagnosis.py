"""Computes the figures of `signflip inspect` in NumPy, from a checkpoint and the images, as the page Diagnostics.md defines them.

The forward pass is that of checkpoint_network; the backward pass is a list of functions that the forward pass leaves behind.
"""
import numpy as np

from checkpoint_network import Checkpoint, unfold

D = np.float64
TAIL = 0.95


class Diagnosis(Checkpoint):
    """The newest weights of a checkpoint, with measurements by layer."""

    def __init__(self, path):
        super().__init__(path)
        from safetensors import safe_open
        with safe_open(path, "numpy") as file:
            self.stored = {name: file.get_tensor(name) for name in file.keys()}
        self.tensors = {name: value for name, value in self.stored.items() if not name.startswith("best.")}
        self.is_float = False
        self.plan = self.state["plan"]
        self.found, self.backward, self.uses_batch = {}, [], False

    def of(self, name):
        return self.found.setdefault(name, {})

    def measure(self, images, labels):
        self.measure_weights(self.network["layers"])
        self.logits(images)
        self.uses_batch, self.backward = True, []
        logits = self.logits(images).astype(D)
        share = np.exp(logits - logits.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        rows = np.arange(len(labels))
        self.loss = -np.log(share[rows, labels]).mean()
        share[rows, labels] -= 1
        gradient = (share / len(labels)).reshape(len(labels), 1, 1, -1)
        for step in reversed(self.backward):
            gradient = step(gradient)
        return self.found

    # Weights

    def measure_weights(self, layers):
        for layer in layers:
            if layer["layer"] in ("linear", "convolution"):
                self.of(layer["name"])["weightShape"] = list(self.tensors[layer["name"] + ".weights"].shape)
                if layer["weights"]["kind"] in ("sign", "ternary", "standardizedSign"):
                    self.of(layer["name"])["weights"] = self.weight_figures(layer)

    def weight_figures(self, layer):
        w, kind = self.tensors[layer["name"] + ".weights"].astype(D), layer["weights"]["kind"]
        b = np.sign(self.weights(layer)).astype(D)
        if kind == "standardizedSign":
            b = np.where(w < w.astype(np.float32).mean(1, dtype=D, keepdims=True).astype(np.float32), -1.0, 1.0)
        figures = {"plusShare": (b > 0).mean()}
        if kind == "ternary":
            figures["zeroShare"] = (b == 0).mean()
        shares = np.stack([(b == value).mean(1) for value in (-1, 0, 1)])
        figures["meanEntropy"] = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(0).mean()
        flips = self.stored.get(layer["name"] + ".weights.flipCounts")
        if flips is not None:
            figures["neverFlippedShare"] = (flips == 0).mean()
        if layer["layer"] == "convolution" and layer["windows"]["kernel"] == [3, 3] and kind != "ternary":
            kernels = b.reshape(len(b), 9, -1).transpose(0, 2, 1).reshape(-1, 9)
            patterns = {tuple(kernel) for kernel in kernels}
            merged = {max(pattern, tuple(-value for value in pattern)) for pattern in patterns}
            figures["kernels"] = {"count": len(kernels), "distinct": len(patterns), "distinctUpToInversion": len(merged)}
        if self.plan["optimizer"]["kind"] == "bop":
            return figures
        u = w
        if kind == "standardizedSign":
            u = (w - w.mean(1, keepdims=True)) / self.deviation(w)
        figures["alignment"] = (u * b).sum() / np.sqrt((u * u).sum() * (b * b).sum())
        figures["deadShare"] = (np.abs(u) > -np.abs(u).mean() * np.log(2 - 2 * TAIL)).mean()
        if kind != "standardizedSign":
            figures["clippedShare"] = (np.abs(w) >= self.plan["optimizer"]["clipValue"]).mean()
        return figures

    def cost(self, name, output):
        """Parameters, their bytes when packed, and multiply-accumulates per image, without the kinds of operands."""
        layer = next(each for each in self.network["layers"] if each["name"] == name)
        if "weights" not in layer:
            features = sum(value.size for key, value in self.tensors.items() if key in (f"{name}.scale", f"{name}.shift"))
            return {"parameters": features, "packedBytes": 4 * features, "products": 0} if features else None
        rows, columns = self.tensors[name + ".weights"].shape
        kind = layer["weights"]["kind"]
        others = (rows if layer["bias"] else 0) + (rows if kind == "standardizedSign" else 0)
        bits = {"sign": 1, "standardizedSign": 1, "ternary": 2}.get(kind)
        matrix = -(-columns * bits // 64) * 8 * rows if bits else 4 * rows * columns
        positions = int(np.prod(output[:-1]))
        return {"parameters": rows * columns + others, "packedBytes": matrix + 4 * others, "products": rows * columns * positions}

    @staticmethod
    def deviation(w):
        return np.sqrt(w.var(1, ddof=1, keepdims=True) + 1e-5) / np.sqrt(8)

    def measure_gradient(self, layer, gradient):
        """gradient: with respect to the quantized weights; ReCU's passes on to the latent weights."""
        if layer["weights"]["kind"] == "standardizedSign":
            w = self.tensors[layer["name"] + ".weights"].astype(D)
            centred, deviation = w - w.mean(1, keepdims=True), self.deviation(w)
            u = centred / deviation
            options = self.plan["network"]["options"]
            first, last = (options.get(key, other) for key, other in (("clampQuantile", 0.85), ("finalClampQuantile", 0.99)))
            progress = (self.state["epoch"] + 0.0) / self.plan["epochs"]
            tau = first + (last - first) * (np.exp(progress) - 1) / (np.e - 1)
            inner = gradient * self.tensor(layer, "weights.scale")[:, None] * (np.abs(u) <= -np.abs(u).mean() * np.log(2 - 2 * tau))
            count = w.shape[1]
            # d = √(var + ε)/√8, var with count - 1.
            along = (inner * centred).sum(1, keepdims=True)
            inner_d = -along / deviation ** 2 / (8 * deviation * (count - 1)) * centred
            total = inner / deviation + inner_d
            gradient = total - total.mean(1, keepdims=True)
        self.of(layer["name"])["gradientNorm"] = np.sqrt((gradient ** 2).sum())

    # Layers, with what the backward pass needs.

    def linear(self, layer, x, sizes):
        y, _ = super().linear(layer, x, sizes)
        flat, weights, shape = x.reshape(len(x), -1).astype(D), self.weights(layer).astype(D), x.shape

        def step(gradient):
            gradient = gradient.reshape(len(gradient), -1)
            self.measure_gradient(layer, gradient.T @ flat)
            return (gradient @ weights).reshape(shape)
        self.backward.append(step)
        return y, None

    def convolution(self, layer, x, sizes):
        y, _ = super().convolution(layer, x, sizes)
        weights, windows, shape = self.weights(layer).astype(D), layer["windows"], x.shape
        unfolded = unfold(x, windows, windows["border"]).astype(D)

        def step(gradient):
            flat = gradient.reshape(-1, gradient.shape[-1])
            self.measure_gradient(layer, flat.T @ unfolded.reshape(len(flat), -1))
            return fold((flat @ weights).reshape(unfolded.shape), shape, windows)
        self.backward.append(step)
        return y, None

    def batchNormalization(self, layer, x, sizes):
        if not self.uses_batch:
            return super().batchNormalization(layer, x, sizes)
        x = x.astype(D)
        epsilon, scale, shift = layer["epsilon"], self.tensor(layer, "scale").astype(D), self.tensor(layer, "shift").astype(D)
        axes, count = (0, 1, 2), np.prod(x.shape[:3])
        mean, variance = x.mean(axes), x.var(axes)
        first, second = variance + epsilon, self.tensor(layer, "runningVariance").astype(D) + epsilon
        difference = mean - self.tensor(layer, "runningMean")
        divergence = np.log(np.sqrt(second) / np.sqrt(first)) + (first + difference ** 2) / (2 * second) - 0.5
        self.of(layer["name"])["lag"] = {"mean": divergence.mean(), "maximum": divergence.max()}
        inverse = 1 / np.sqrt(first)
        normalized = (x - mean) * inverse

        def step(gradient):
            sums = gradient.sum(axes), (gradient * normalized).sum(axes)
            return scale * inverse * (gradient - sums[0] / count - normalized * sums[1] / count)
        self.backward.append(step)
        return scale * normalized + shift, None

    def relu(self, layer, x, sizes):
        self.backward.append(lambda gradient: gradient * (x > 0))
        return super().relu(layer, x, sizes)

    def sign(self, layer, x, sizes):
        kind, window = self.plan["network"].get("ste", "ste"), self.plan["network"]["steWindow"]
        reach = {"ste": window, "approx": 1}.get(kind)
        if not self.uses_batch:
            share = (x >= 0).mean((0, 1, 2))
            mean, deviation = x.astype(D).mean((0, 1, 2)), x.astype(D).std((0, 1, 2))
            figures = {
                "units": len(share), "plusShare": share.mean(), "deadShare": ((share < 0.01) | (share > 0.99)).mean(),
                "degeneration": np.maximum(0, mean ** 2 - deviation ** 2).mean(),
                "saturation": (np.maximum(0, deviation - 4) ** 2).mean(),
                "mismatch": (np.maximum(0, np.minimum(2 - mean - deviation, 2 + mean - deviation)) ** 2).mean()}
            if reach is not None:
                figures["closedShare"] = (np.abs(x) > reach).mean()
            # A sign that follows a normalization is part of it.
            self.of(self.last if self.last else layer["name"])["activations"] = figures
        estimates = {"ste": lambda x: np.abs(x) <= window, "approx": lambda x: np.maximum(0, 2 - 2 * np.abs(x))}
        self.backward.append(lambda gradient: gradient * estimates[kind](x))
        return super().sign(layer, x, sizes)

    def maxPool(self, layer, x, sizes):
        windows, shape = layer["windows"], x.shape
        unfolded = unfold(x, windows, -np.inf)
        flat = unfolded.reshape(*unfolded.shape[:3], -1, unfolded.shape[-1])
        place = flat.argmax(3)

        def step(gradient):
            chosen = np.zeros(flat.shape, D)
            np.put_along_axis(chosen, place[:, :, :, None], gradient[:, :, :, None], 3)
            return fold(chosen.reshape(unfolded.shape), shape, windows)
        self.backward.append(step)
        return super().maxPool(layer, x, sizes)

    def flatten(self, layer, x, sizes):
        shape = x.shape
        self.backward.append(lambda gradient: gradient.reshape(shape))
        return super().flatten(layer, x, sizes)

    def run(self, layers, x, sizes):
        self.last = None
        for layer in layers:
            x, sizes = getattr(self, layer["layer"])(layer, x, sizes)
            self.last = layer["name"] if layer["layer"] == "batchNormalization" else None
        return x, sizes


def fold(windows_gradient, shape, windows):
    """The gradient of images from that of their windows, the reverse of `unfold`."""
    (kernel, stride, before, output) = (windows[key] for key in ("kernel", "stride", "before", "output"))
    ends = [(output[axis] - 1) * stride[axis] + kernel[axis] for axis in (0, 1)]
    padded = np.zeros((shape[0], max(ends[0], shape[1] + before[0]), max(ends[1], shape[2] + before[1]), shape[3]), D)
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            padded[:, row:row + output[0] * stride[0]:stride[0], column:column + output[1] * stride[1]:stride[1]][
                :, :output[0], :output[1]] += windows_gradient[:, :, :, row, column]
    return padded[:, before[0]:before[0] + shape[1], before[1]:before[1] + shape[2]]
