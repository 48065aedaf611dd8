"""Computes a checkpoint's network in NumPy, using only the page Sources/RunStore/CHECKPOINTS.md.

Usage: checkpoint_network.py CHECKPOINT IMAGES LABELS - the last two are IDX files; prints how many images are classified right.
"""
import hashlib
import json
import struct
import sys

import numpy as np
from safetensors import safe_open

F = np.float32


class Checkpoint:
    """A checkpoint's weights with the best validation result, and its metadata."""

    def __init__(self, path):
        with safe_open(path, "numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            metadata = {key: json.loads(text) for key, text in file.metadata().items() if text.startswith("{")}
        self.network, self.data, self.state = metadata["network"], metadata["data"], metadata["state"]
        best = {name[len("best."):]: value for name, value in tensors.items() if name.startswith("best.")}
        self.tensors = best or {name: value for name, value in tensors.items() if not name.startswith("best.")}
        self.is_float = self.state.get("bestIsFloat", False)

    def logits(self, images, whitening=None):
        """images: bytes, shape [count, height, width, channels]; whitening: the tensors of `whitening.safetensors`, with zca."""
        x = prepare(images, self.data, whitening)
        if self.network["input"]["height"] == self.network["input"]["width"] == 1:
            x = x.reshape(len(x), 1, 1, -1)
        x, _ = self.run(self.network["layers"], x, None)
        return x.reshape(len(x), -1)

    def run(self, layers, x, sizes):
        """x: shape [count, height, width, channels]; sizes: A of XNOR-Net, shape [count, height, width, 1], or None."""
        for layer in layers:
            x, sizes = getattr(self, layer["layer"])(layer, x, sizes)
        return x, sizes

    def tensor(self, layer, part):
        return self.tensors[f"{layer['name']}.{part}"].reshape(-1)

    # Layers with weights

    def weights(self, layer):
        w, form = self.tensors[layer["name"] + ".weights"], layer["weights"]
        kind, magnitude = form["kind"], np.abs(w)
        if kind == "float" or self.is_float and kind in ("sign", "ternary"):
            return w
        if kind == "sign":
            sign = np.where(w < 0, F(-1), F(1))
            return sign * magnitude.mean(1, dtype=np.float64, keepdims=True).astype(F) if form["scaled"] else sign
        if kind == "ternary":
            threshold = F(form.get("threshold", F(0.7) * F(magnitude.mean(dtype=np.float64))))
            q = np.where(w > threshold, F(1), np.where(w < -threshold, F(-1), F(0)))
            if form["scaled"]:
                beyond = magnitude > threshold
                q = q * ((magnitude * beyond).sum(1, keepdims=True) / np.maximum(1, beyond.sum(1, keepdims=True))).astype(F)
            return q
        if kind == "doReFa" and form["bits"] == 1:
            return np.where(w < 0, F(-1), F(1)) * F(magnitude.mean(dtype=np.float64))
        if kind == "doReFa":
            n, t = F(2 ** form["bits"] - 1), np.tanh(w)
            return 2 * np.rint(n * (t / (2 * np.abs(t).max()) + F(0.5))) / n - 1
        if kind == "standardizedSign":
            mean = w.mean(1, dtype=np.float64, keepdims=True).astype(F)
            return np.where(w < mean, F(-1), F(1)) * self.tensor(layer, "weights.scale")[:, None]
        assert kind == "integer", kind
        s = magnitude.max(1, keepdims=True) / F(2 ** (form["bits"] - 1) - 1)
        return np.rint(w / np.where(s > 0, s, 1)) * s

    def linear(self, layer, x, sizes):
        y = x.reshape(len(x), -1) @ self.weights(layer).T
        if sizes is not None:
            y = y * sizes.reshape(len(x), 1)
        return self.biased(layer, y.reshape(len(x), 1, 1, -1)), None

    def convolution(self, layer, x, sizes):
        w = self.weights(layer)
        windows = unfold(x, layer["windows"], layer["windows"]["border"])
        y = windows.reshape(*windows.shape[:3], -1) @ w.T
        if sizes is not None:
            y = y * mean_within(sizes, layer["windows"])
        return self.biased(layer, y), None

    def biased(self, layer, y):
        return y + self.tensor(layer, "bias") if layer["bias"] else y

    # Layers without

    def batchNormalization(self, layer, x, sizes):
        scale, shift, mean = (self.tensor(layer, part) for part in ("scale", "shift", "runningMean"))
        inverse = 1 / np.sqrt(self.tensor(layer, "runningVariance") + F(layer["epsilon"]))
        if layer["shiftBased"]:
            return power(scale) * ((x - mean) * power(inverse)) + shift, None
        return scale * ((x - mean) * inverse) + shift, None

    def relu(self, layer, x, sizes):
        return np.maximum(0, x), None

    def sign(self, layer, x, sizes):
        sizes = np.abs(x).mean(-1, dtype=np.float64, keepdims=True).astype(F) if layer["scalesInput"] else None
        return np.where(x < 0, F(-1), F(1)), sizes

    def rsign(self, layer, x, sizes):
        return np.where(x < self.tensor(layer, "threshold"), F(-1), F(1)), None

    def rprelu(self, layer, x, sizes):
        threshold, slope, shift = (self.tensor(layer, part) for part in ("threshold", "slope", "shift"))
        return np.where(x > threshold, x - threshold, slope * (x - threshold)) + shift, None

    def hardtanh(self, layer, x, sizes):
        return np.clip(x, -1, 1), None

    def quantized(self, layer, x, sizes):
        n = F(2 ** layer["bits"] - 1)
        return np.rint(n * np.clip(x, 0, 1)) / n, None

    def maxPool(self, layer, x, sizes):
        return unfold(x, layer["windows"], -np.inf).max((3, 4)), None

    def averagePool(self, layer, x, sizes):
        return mean_within(x, layer["windows"]), None

    def flatten(self, layer, x, sizes):
        sizes = None if sizes is None else sizes.mean((1, 2), keepdims=True)
        return x.reshape(len(x), 1, 1, -1), sizes

    def residual(self, layer, x, sizes):
        y, _ = self.run(layer["layers"], x, sizes)
        if layer["shortcut"] == "layers":
            x, _ = self.run(layer["shortcutLayers"], x, sizes)
        elif layer["shortcut"] == "zeroPad":
            step = layer["shortcutStride"]
            x = x[:, ::step, ::step]
            x = np.pad(x, ((0, 0), (0, 0), (0, 0), (0, y.shape[3] - x.shape[3])))
        return y + x, None

    def digest(self):
        """The SHA-256 of the weights, computed like `weightsSHA256`."""
        digest = hashlib.sha256()

        def add(layers):
            for layer in layers:
                if layer["layer"] == "residual":
                    add(layer["layers"])
                    add(layer.get("shortcutLayers", []))
                for part in ("weights", "weights.scale", "bias", "scale", "threshold", "slope", "shift", "runningMean", "runningVariance"):
                    if f"{layer['name']}.{part}" in self.tensors:
                        digest.update(self.tensors[f"{layer['name']}.{part}"].astype("<f4").tobytes())

        add(self.network["layers"])
        return digest.hexdigest()


def power(z):
    """AP2: the power of two nearest to z by logarithm, with its sign."""
    exponent = np.rint(np.log2(np.abs(z, dtype=np.float64), where=z != 0, out=np.zeros(z.shape)))
    return np.where(z == 0, 0, np.sign(z) * 2.0 ** exponent).astype(F)


def unfold(x, windows, border):
    """The windows of images, shape [count, rows, columns, kernel rows, kernel columns, channels]."""
    (kernel, stride, before, output) = (windows[key] for key in ("kernel", "stride", "before", "output"))
    pads = []
    for axis in (0, 1):
        end = (output[axis] - 1) * stride[axis] + kernel[axis] - before[axis] - x.shape[1 + axis]
        pads.append((before[axis], max(0, end)))
    x = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=border)
    view = np.lib.stride_tricks.sliding_window_view(x, kernel, (1, 2))
    view = view[:, ::stride[0], ::stride[1]][:, :output[0], :output[1]]
    return view.transpose(0, 1, 2, 4, 5, 3)


def mean_within(x, windows):
    """The mean of each channel over the positions of a window that are in the image."""
    inside = unfold(np.ones((1, *x.shape[1:3], 1), F), windows, 0).sum((3, 4))
    return unfold(x, windows, 0).sum((3, 4), dtype=np.float64).astype(F) / inside


def prepare(images, data, whitening):
    """The network's input, computed from bytes."""
    if data["preparation"] == "scale":
        return np.array(data["lower"], F) + np.array(data["scale"], F) * images.astype(F)
    x = images.reshape(len(images), -1).astype(np.float64)
    x -= x.mean(1, keepdims=True)
    divisor = np.sqrt((x ** 2).sum(1, keepdims=True)) / 55
    x /= np.where(divisor < 1e-8, 1, divisor)
    if data["preparation"] == "zca":
        x = x @ whitening["matrix"] - whitening["offset"]
    return x.reshape(images.shape).astype(F)


def idx(path):
    """The array in an IDX file of bytes."""
    with open(path, "rb") as file:
        content = file.read()
    rank = content[3]
    shape = struct.unpack(f">{rank}I", content[4:4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def count_correct(checkpoint, images, labels, whitening=None, batch=500):
    """The number of correctly classified images; the first of equal logits counts."""
    return sum(int((checkpoint.logits(images[k:k + batch], whitening).argmax(1) == labels[k:k + batch]).sum())
               for k in range(0, len(images), batch))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    pixels = idx(sys.argv[2])
    print(count_correct(Checkpoint(sys.argv[1]), pixels.reshape(*pixels.shape[:3], -1), idx(sys.argv[3])), "of", len(pixels))
