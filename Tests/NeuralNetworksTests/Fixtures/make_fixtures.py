#!/usr/bin/env python3
"""Writes the JSON files beside this script: the values that the tests compare with PyTorch's.

    pip install torch==2.13.0
    python make_fixtures.py

PyTorch computes in float64 from numbers that float32 holds exactly. A sign or a rectifier turns a difference of 1e-7 near
its step into a whole one, so a training is kept only if nothing came near a step: the first seed of which that is
true is taken.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
FOLDER = pathlib.Path(__file__).parent
BATCH, STEPS, WIDTHS = 5, 10, (6, 8, 8, 3)
EPSILON, MOMENTUM = 1e-3, 0.9  # batch normalization; the momentum is the share that stays (1 - PyTorch's)
MARGIN = 2e-5


class Sign(torch.autograd.Function):
    """-1 where x < 0, else +1; the gradient passes where |x| <= window (all of it where window is None)."""

    @staticmethod
    def forward(context, x, window):
        context.save_for_backward(x)
        context.window = window
        return torch.where(x < 0, -1.0, 1.0)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return (gradient if context.window is None else gradient * (x.abs() <= context.window)), None


class Shaped(torch.autograd.Function):
    """-1 where x < 0, else +1; the gradient is multiplied by a function of x."""

    @staticmethod
    def forward(context, x, shape):
        context.save_for_backward(x)
        context.shape = shape
        return torch.where(x < 0, -1.0, 1.0)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * context.shape(x), None


def swish(x, beta=5.0):
    return beta * (2 - beta * x * torch.tanh(beta * x / 2)) / (1 + torch.cosh(beta * x))


def annealed(t):
    return lambda x: max(1 / t, 1) * t * (1 - torch.tanh(t * x) ** 2)


def float32(tensor):
    """The nearest numbers that float32 holds."""
    return tensor.to(torch.float32).to(torch.float64)


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def squared_hinge(logits, labels):
    targets = 2 * F.one_hot(labels, logits.shape[1]) - 1
    return (F.relu(1 - targets * logits) ** 2).mean()


LOSSES = {"crossEntropy": F.cross_entropy, "squaredHinge": squared_hinge}


# One forward and backward pass of each layer and loss


def differentiated(function, **inputs):
    """Runs `function` of the named tensors against a random output gradient."""
    inputs = {name: float32(tensor).requires_grad_() for name, tensor in inputs.items()}
    output = function(**inputs)
    gradient = float32(torch.randn(output.shape))
    output.backward(gradient)
    values = {name: rounded(tensor) for name, tensor in inputs.items()}
    values |= {f"{name}Gradient": rounded(tensor.grad) for name, tensor in inputs.items()}
    return values | {"output": rounded(output), "outputGradient": rounded(gradient)}


def layers():
    torch.manual_seed(1)
    rows, columns, outputs = 5, 7, 4
    x = torch.randn(rows, columns)
    made = {
        "linear": differentiated(F.linear, input=x, weight=torch.randn(outputs, columns), bias=torch.randn(outputs)),
        "binaryLinear": differentiated(
            lambda input, weight, bias: F.linear(input, Sign.apply(weight, None), bias),
            input=x, weight=torch.randn(outputs, columns), bias=torch.randn(outputs)),
        "xnorLinear": differentiated(
            lambda input, weight, bias: F.linear(
                input, weight.abs().mean(1, keepdim=True) * Sign.apply(weight, 1.0), bias),
            input=x, weight=torch.randn(outputs, columns), bias=torch.randn(outputs)),
        "relu": differentiated(F.relu, input=x),
        "sign1": differentiated(lambda input: Sign.apply(input, 1.0), input=x),
        "sign0.5": differentiated(lambda input: Sign.apply(input, 0.5), input=x),
        "identity": differentiated(lambda input: Shaped.apply(input, torch.ones_like), input=x),
        "approx": differentiated(
            lambda input: Shaped.apply(input, lambda x: (2 - 2 * x.abs()) * (x.abs() <= 1)), input=x),
        "swish": differentiated(lambda input: Shaped.apply(input, swish), input=x),
        "annealed0.3": differentiated(lambda input: Shaped.apply(input, annealed(0.3)), input=x),
        "annealed4.0": differentiated(lambda input: Shaped.apply(input, annealed(4.0)), input=x),
    }
    mean, variance = float32(torch.randn(columns)), float32(torch.rand(columns) + 0.5)
    for name, training in (("batchNormalization", True), ("batchNormalizationInference", False)):
        new_mean, new_variance = mean.clone(), variance.clone()
        made[name] = differentiated(
            lambda input, scale, shift: F.batch_norm(
                input, new_mean, new_variance, scale, shift, training, 1 - MOMENTUM, EPSILON),
            input=2 * x + 1, scale=torch.rand(columns) + 0.5, shift=torch.randn(columns))
        made[name] |= {"runningMean": rounded(mean), "runningVariance": rounded(variance)}
        made[name] |= {"newRunningMean": rounded(new_mean), "newRunningVariance": rounded(new_variance)}
    labels = torch.tensor([0, 3, 1, 1, 2])
    for name, loss in LOSSES.items():
        logits = float32(2 * torch.randn(rows, outputs)).requires_grad_()
        value = loss(logits, labels)
        value.backward()
        made[name] = {
            "logits": rounded(logits), "labels": labels.tolist(), "value": rounded(value)[0],
            "gradient": rounded(logits.grad)}
    return made


# Convolutions and poolings of images; NHWC here, NCHW in PyTorch


def padding(size, kernel, stride, border):
    """Rows before and after, as TensorFlow has them."""
    if border == "valid":
        return 0, 0
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2


def padded(x, shape, kernel, stride, border, value):
    (top, bottom), (left, right) = (padding(size, kernel, stride, border) for size in shape[:2])
    return F.pad(x.permute(0, 3, 1, 2), (left, right, top, bottom), value=value)


def mean_in_windows(x, shape, kernel, stride, border):
    """The mean over those places of a window that lie in the image."""
    pool = lambda x: F.avg_pool2d(padded(x, shape, kernel, stride, border, 0.0), kernel, stride)
    return (pool(x) / pool(torch.ones_like(x))).permute(0, 2, 3, 1)


def convolution(kind, shape, kernel, stride, border, filters, images=2):
    def function(input, weight):
        size = input.detach().abs().mean(3, keepdim=True)
        if kind in ("signs", "scaledSigns"):
            input = Sign.apply(input, 1.0)
        if kind != "float":
            weight = Sign.apply(weight, None)
        x = padded(input, shape, kernel, stride, border, 1.0 if border == "sameOne" else 0.0)
        y = F.conv2d(x, weight.permute(0, 3, 1, 2), stride=stride).permute(0, 2, 3, 1)
        return y * mean_in_windows(size, shape, kernel, stride, border) if kind == "scaledSigns" else y

    made = differentiated(
        function, input=torch.randn(images, *shape), weight=torch.randn(filters, kernel, kernel, shape[2]))
    return made | dict(kind=kind, shape=shape, kernel=kernel, stride=stride, border=border, filters=filters)


def pooling(kind, shape, kernel, stride, border, images=2):
    def function(input):
        if kind == "max":
            x = padded(input, shape, kernel, stride, border, -torch.inf)
            return F.max_pool2d(x, kernel, stride).permute(0, 2, 3, 1)
        return mean_in_windows(input, shape, kernel, stride, border)

    made = differentiated(function, input=torch.randn(images, *shape))
    return made | dict(kind=kind, shape=shape, kernel=kernel, stride=stride, border=border, filters=shape[2])


def images():
    torch.manual_seed(3)
    made = []
    for kind in ("float", "binary", "signs"):
        for border, kernel, stride, shape in (
                ("valid", 3, 1, (5, 6, 3)), ("same", 3, 1, (4, 5, 2)), ("same", 3, 2, (5, 4, 3)),
                ("sameOne", 5, 1, (3, 4, 2)), ("sameOne", 2, 2, (5, 5, 1)), ("same", 1, 1, (2, 3, 66))):
            made.append(convolution(kind, shape, kernel, stride, border, filters=5))
    for kind in ("max", "average"):
        for border, kernel, stride, shape in (
                ("valid", 2, 2, (5, 4, 3)), ("same", 3, 2, (5, 6, 2)), ("valid", 3, 1, (3, 5, 34))):
            made.append(pooling(kind, shape, kernel, stride, border))
    for border, kernel, stride, shape in (
            ("valid", 3, 1, (5, 6, 3)), ("same", 3, 2, (5, 4, 3)), ("sameOne", 5, 1, (3, 4, 2))):
        made.append(convolution("scaledSigns", shape, kernel, stride, border, filters=5))
    return made


# One pass of a linear layer with each quantizer of weights


class Replaced(torch.autograd.Function):
    """Other values in the place of x; the gradient passes."""

    @staticmethod
    def forward(context, x, values):
        return values.clone()

    @staticmethod
    def backward(context, gradient):
        return gradient, None


def magnitude_aware(weight):
    return weight.abs().mean(1, keepdim=True).detach() * Sign.apply(weight, 1.0)


def ternary(threshold=None, is_scaled=False):
    def quantizer(weight):
        size = weight.abs()
        beyond = size > (0.7 * size.mean() if threshold is None else threshold)
        scale = (size * beyond).sum(1, keepdim=True) / beyond.sum(1, keepdim=True) if is_scaled else 1.0
        return Replaced.apply(weight, scale * beyond * weight.sign())

    return quantizer


def levels(x, bits):
    """DoReFa's q: x of 0...1 to the nearest of 2^bits levels."""
    n = 2**bits - 1
    if ((n * x).frac() - 0.5).abs().min() < 1e-3:
        raise SystemExit(f"a value is near a step of {bits} bits")
    return Replaced.apply(x, (n * x).round() / n)


def dorefa(bits):
    def quantizer(weight):
        if bits == 1:
            return Replaced.apply(weight, weight.abs().mean() * torch.where(weight < 0, -1.0, 1.0))
        x = torch.tanh(weight)
        return 2 * levels(x / x.abs().max() * 0.5 + 0.5, bits) - 1

    return quantizer


def integers(weight):
    scale = weight.abs().amax(1, keepdim=True) / 127
    return Replaced.apply(weight, scale * (weight / scale).round())


def quantizers():
    torch.manual_seed(11)
    rows, columns, outputs = 5, 7, 4

    def linear(quantizer):
        return differentiated(
            lambda input, weight, bias: F.linear(input, quantizer(weight), bias),
            input=torch.randn(rows, columns), weight=torch.randn(outputs, columns), bias=torch.randn(outputs))

    return {
        "magnitudeAware": linear(magnitude_aware),
        "ternary": linear(ternary()),
        "ternaryScaled": linear(ternary(is_scaled=True)),
        "ternaryFixed": linear(ternary(threshold=0.5)),
    } | {f"dorefa{bits}": linear(dorefa(bits)) for bits in (1, 2, 4, 8)} | {
        f"activation{bits}": differentiated(
            lambda input: levels(input.clamp(0, 1), bits), input=0.5 + 0.7 * torch.randn(rows, columns))
        for bits in (1, 2, 4, 8)} | {"integers": linear(integers)}


# The powers of two of the BNN paper (arXiv:1602.02830, sections 1.4 and 1.5)


def ap2(x):
    return torch.where(x == 0, 0.0, torch.sign(x) * 2 ** torch.round(torch.log2(x.abs())))


def ap2_margin(x):
    """How far the numbers are from where the nearest power changes."""
    x = x.detach().abs()
    x = x[x > 1e-9]
    place = torch.log2(x)
    return (x * (place - place.floor() - 0.5).abs()).min().item()


def shift_normalized(x, running_mean, running_variance, scale, shift, training=True):
    """Batch normalization by shifts. A power is differentiated as the number that it stands for; what is differentiated is that
    with the centred input's power in place of the centred input in the variance and beside the deviation, as in the authors'
    code."""
    scale_power = ap2(scale.detach())
    if not training:
        inverse = ap2((running_variance + EPSILON) ** -0.5)
        margin = min(ap2_margin((running_variance + EPSILON) ** -0.5), ap2_margin(scale))
        return (x - running_mean) * inverse * (scale_power + scale - scale.detach()) + shift, margin
    mean = x.mean(0)
    centred = x - mean
    apart = x - mean.detach()
    power = ap2(centred.detach()) + apart - apart.detach()
    squares = (power**2).mean(0)
    variance = squares + ((centred * power).mean(0) - squares).detach()
    inverse = (variance.detach() + EPSILON) ** -0.5
    s = ap2(inverse)
    differentiated_s = s - 0.5 * s ** 3 * (variance - variance.detach())
    margin = min(ap2_margin(centred), ap2_margin(inverse), ap2_margin(scale))
    with torch.no_grad():
        rows = len(x)
        running_mean += (1 - MOMENTUM) * (mean - running_mean)
        running_variance += (1 - MOMENTUM) * (variance * rows / (rows - 1) - running_variance)
    normalized = s * centred + power.detach() * (differentiated_s - s)
    return scale_power * normalized + (scale - scale.detach()) * (power * s).detach() + shift, margin


class ShiftAdaMax(torch.optim.Optimizer):
    """Algorithm 4: m = b1 m + (1 - b1) g, v = max(b2 v, |g|), w -= AP2(rate / (1 - b1^t)) scale m / (AP2(v) + 2^-27)."""

    def __init__(self, groups, rate):
        super().__init__(groups, dict(lr=rate))
        self.rate = rate
        self.margin = float("inf")

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                m, v, t = state.get("m", torch.zeros_like(p)), state.get("v", torch.zeros_like(p)), state.get("t", 0) + 1
                g = p.grad + group["weight_decay"] * p
                m = 0.9 * m + 0.1 * g
                v = torch.maximum(0.999 * v, g.abs())
                rate = torch.tensor(self.rate / (1 - 0.9**t))
                place = torch.log2(v[v > 1e-12])
                self.margin = min(self.margin, (place - place.floor() - 0.5).abs().min().item(), ap2_margin(rate))
                p -= ap2(rate) * group["lr"] / self.rate * m / (ap2(v) + 2.0**-27)
                state.update(m=m, v=v, t=t)


# Ten training steps


class Network:
    """WIDTHS with batch normalization (also after the output) for binary weights, with biases otherwise."""

    def __init__(self, method, normalization=None):
        self.method = method
        self.normalization = normalization
        self.hasBinaryWeights = True
        self.margin = float("inf")
        self.weights, self.parameters, self.running = [], [], []
        for inputs, outputs in zip(WIDTHS, WIDTHS[1:]):
            weight = float32((2 * torch.rand(outputs, inputs) - 1) * (0.5 if self.is_binary else 0.7)).requires_grad_()
            self.weights.append(weight)
            self.parameters.append(weight)
            if self.is_binary:
                self.parameters += [torch.ones(outputs, requires_grad=True), torch.zeros(outputs, requires_grad=True)]
                self.running.append((torch.zeros(outputs), torch.ones(outputs)))
                if normalization == "shift":
                    # Away from the steps, which sums of ±1 and powers of two would meet exactly.
                    self.parameters[-1] = float32(torch.randn(outputs) * 0.1).requires_grad_()
            else:
                self.parameters.append(float32(torch.randn(outputs) * 0.1).requires_grad_())

    @property
    def is_binary(self):
        return self.method != "baseline"

    def away_from(self, x, *places):
        for place in places:
            self.margin = min(self.margin, (x - place).abs().min().item())

    def forward(self, x):
        parameters = iter(self.parameters)
        for index in range(len(self.weights)):
            weight = next(parameters)
            if self.is_binary:
                self.away_from(weight, 0)
                x = F.linear(x, Sign.apply(weight, None) if self.hasBinaryWeights else weight)
                mean, variance = self.running[index]
                if self.normalization == "shift":
                    x, margin = shift_normalized(x, mean, variance, next(parameters), next(parameters))
                    self.margin = min(self.margin, margin)
                else:
                    x = F.batch_norm(x, mean, variance, next(parameters), next(parameters), True, 1 - MOMENTUM, EPSILON)
            else:
                x = F.linear(x, weight, next(parameters))
            if index + 1 < len(self.weights):
                self.away_from(x, 0)
                if self.method == "bnn":
                    self.away_from(x, -1, 1)
                    x = Sign.apply(x, 1.0)
                else:
                    x = F.relu(x)
        return x


OPTIMIZERS = {
    "sgd": dict(kind="sgd", rate=0.05),
    "momentum": dict(kind="sgd", rate=0.05, momentum=0.9),
    "decay": dict(kind="sgd", rate=0.05, momentum=0.5, weightDecay=0.02),
    "adam": dict(kind="adam", rate=0.02),
    "adamDecay": dict(kind="adam", rate=0.02, weightDecay=0.02),
    "scaledSGD": dict(kind="sgd", rate=0.01, scalesUpdates=True, clipValue=0.5),
    "scaledAdam": dict(kind="adam", rate=0.02, scalesUpdates=True, clipValue=0.4),
}


def optimizer(network, kind, rate, momentum=0.0, weightDecay=0.0, scalesUpdates=False, clipValue=1.0, normalization=None, binaryFrom=0):
    groups = []
    for parameter in network.parameters:
        is_weight = any(parameter is weight for weight in network.weights)
        scale = 1.0
        if is_weight and scalesUpdates:
            scale = (1.5 / sum(parameter.shape)) ** -0.5
        groups.append(dict(
            params=[parameter], lr=rate * (scale**2 if kind == "sgd" else scale),
            weight_decay=weightDecay if is_weight else 0.0))
    if kind == "adam":
        return torch.optim.Adam(groups, lr=rate)
    if kind == "shiftAdaMax":
        return ShiftAdaMax(groups, rate)
    return torch.optim.Adamax(groups, lr=rate) if kind == "adaMax" else torch.optim.SGD(groups, lr=rate, momentum=momentum)


def trained(method, loss, settings, batches):
    for seed in range(1000):
        torch.manual_seed(seed)
        network = Network(method, settings.get("normalization"))
        initial = [rounded(parameter) for parameter in network.parameters]
        steps = optimizer(network, **settings)
        losses = []
        for number, (x, labels) in enumerate(batches):
            network.hasBinaryWeights = number >= settings.get("binaryFrom", 0)
            steps.zero_grad()
            value = LOSSES[loss](network.forward(x), labels)
            value.backward()
            steps.step()
            if network.is_binary:
                clip = settings.get("clipValue", 1.0)
                with torch.no_grad():
                    for weight in network.weights:
                        weight.clamp_(-clip, clip)
            losses.append(value)
        if min(network.margin, getattr(steps, "margin", network.margin)) > MARGIN:
            running = [rounded(tensor) for pair in network.running for tensor in pair]
            return dict(
                method=method, loss=loss, optimizer=settings, initial=initial, running=running,
                final=[rounded(parameter) for parameter in network.parameters], losses=rounded(torch.stack(losses)))
    raise SystemExit(f"no seed keeps {method} away from its steps")


def training(optimizers=OPTIMIZERS):
    torch.manual_seed(7)
    batches = [(float32(torch.randn(BATCH, WIDTHS[0])), torch.randint(WIDTHS[-1], (BATCH,))) for _ in range(STEPS)]
    cases = []
    for method, loss in (("baseline", "crossEntropy"), ("binaryConnect", "squaredHinge"), ("bnn", "squaredHinge")):
        for name, settings in optimizers.items():
            if method == "baseline" and name.startswith("scaled"):
                continue  # scale and clip belong to latent weights
            cases.append(dict(name=f"{method}, {name}", **trained(method, loss, settings, batches)))
    return dict(
        widths=WIDTHS, epsilon=EPSILON, momentum=MOMENTUM, inputs=[rounded(x) for x, _ in batches],
        labels=[labels.tolist() for _, labels in batches], cases=cases)


# Images turned and moved, with normalized contrast, and whitened; NHWC here


def placement(shape, angle, down, right, row, column, flips, images=1):
    """The image turned by `angle` degrees anticlockwise and moved, seen from a row and a column on, mirrored."""
    height, width, channels = shape
    pixels = torch.randint(256, (images, *shape))
    turn = torch.deg2rad(torch.tensor(float(angle)))
    cos, sin, side = torch.cos(turn).item(), torch.sin(turn).item(), -1 if flips else 1
    u, v = column - right, row - down
    theta = torch.tensor([
        [cos * side, -sin * height / width, 2 / width * (cos * u - sin * v)],
        [sin * side * width / height, cos, 2 / height * (sin * u + cos * v)]])
    grid = F.affine_grid(theta.expand(images, 2, 3), (images, channels, height, width), align_corners=False)
    output = F.grid_sample(
        pixels.permute(0, 3, 1, 2).double(), grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return dict(
        shape=shape, angle=angle, down=down, right=right, row=row, column=column, flips=flips,
        pixels=pixels.flatten().tolist(), output=rounded(output.permute(0, 2, 3, 1)))


def contrasts(pixels, norm=55.0):
    """Pylearn2's global_contrast_normalize(X, scale=norm)."""
    x = pixels.double() - pixels.double().mean(1, keepdim=True)
    return x / (x.square().sum(1, keepdim=True).sqrt() / norm)


def whitening(shape, images, fitted, epsilon=0.1):
    """Pylearn2's ZCA(filter_bias=epsilon), fitted on the first `fitted` images."""
    features = shape[0] * shape[1] * shape[2]
    # Neighbours alike, so that eigenvalues are far apart.
    smooth = torch.randn(images, features).cumsum(1) * 20 + torch.randn(images, features) + 128
    pixels = smooth.clamp(0, 255).round().long()
    x = contrasts(pixels)
    mean = x[:fitted].mean(0)
    centred = x[:fitted] - mean
    values, vectors = torch.linalg.eigh(centred.T @ centred / fitted + epsilon * torch.eye(features))
    matrix = vectors @ torch.diag(values.rsqrt()) @ vectors.T
    return dict(
        shape=shape, fitted=fitted, pixels=pixels.flatten().tolist(), contrasts=rounded(x), matrix=rounded(matrix),
        output=rounded((x - mean) @ matrix))


def preparation():
    """Values for preparation.json."""
    torch.manual_seed(11)
    placements = [
        placement((6, 6, 1), 15, 0, 0, 0, 0, False), placement((7, 5, 3), -30, 0, 0, 0, 0, False),
        placement((5, 8, 3), 0, 1.25, -2.5, 0, 0, False), placement((6, 7, 2), 10, -1.5, 0.75, 2, -1, True),
        placement((9, 70, 1), 100, 3, -2, -1, 3, True), placement((4, 5, 3), 5, 20, 0, 0, 0, False)]
    return dict(placements=placements, whitening=whitening((3, 4, 2), 60, 40))


LEARNING_OPTIMIZERS = {
    "adaMax": dict(kind="adaMax", rate=0.02),
    "adaMaxDecay": dict(kind="adaMax", rate=0.02, weightDecay=0.02),
    "scaledAdaMax": dict(kind="adaMax", rate=0.02, scalesUpdates=True, clipValue=0.4),
    "shiftAdaMax": dict(kind="shiftAdaMax", rate=0.02, weightDecay=0.02),
    "scaledShiftAdaMax, shift normalization": dict(
        kind="shiftAdaMax", rate=0.02, scalesUpdates=True, clipValue=0.4, normalization="shift"),
    "scaledAdam, two stages": dict(kind="adam", rate=0.02, scalesUpdates=True, binaryFrom=5),
}


def learning():
    torch.manual_seed(11)
    made = {}
    for smoothing in (0.1, 0.5, 1.0):
        logits = float32(2 * torch.randn(5, 4)).requires_grad_()
        labels = torch.tensor([0, 3, 1, 1, 2])
        value = F.cross_entropy(logits, labels, label_smoothing=smoothing)
        value.backward()
        made[f"labelSmoothing{smoothing}"] = {
            "logits": rounded(logits), "labels": labels.tolist(), "value": rounded(value)[0],
            "gradient": rounded(logits.grad)}
    for weight, temperature in ((0.3, 1.0), (0.5, 4.0), (1.0, 2.5)):
        logits, teacher = float32(2 * torch.randn(5, 4)).requires_grad_(), float32(3 * torch.randn(5, 4))
        labels = torch.tensor([0, 3, 1, 1, 2])
        divergence = F.kl_div(
            F.log_softmax(logits / temperature, 1), F.softmax(teacher / temperature, 1), reduction="batchmean")
        value = (1 - weight) * F.cross_entropy(logits, labels) + weight * temperature**2 * divergence
        value.backward()
        made[f"distillation {weight}, {temperature}"] = {
            "logits": rounded(logits), "teacher": rounded(teacher), "labels": labels.tolist(),
            "value": rounded(value)[0], "gradient": rounded(logits.grad)}
    rows, columns = 5, 7
    x = 2 * torch.randn(rows, columns) + 1
    mean, variance = float32(torch.randn(columns)), float32(torch.rand(columns) + 0.5)
    for name, training_pass in (("shiftNormalization", True), ("shiftNormalizationInference", False)):
        new_mean, new_variance = mean.clone(), variance.clone()
        margins = []

        def normalized(input, scale, shift):
            output, margin = shift_normalized(input, new_mean, new_variance, scale, shift, training_pass)
            margins.append(margin)
            return output

        sizes = (2 * torch.rand(columns) + 0.5) * (1 - 2 * (torch.arange(columns) % 3 == 1).double())
        made[name] = differentiated(normalized, input=x, scale=sizes, shift=torch.randn(columns))
        assert min(margins) > MARGIN
        made[name] |= {"runningMean": rounded(mean), "runningVariance": rounded(variance)}
        made[name] |= {"newRunningMean": rounded(new_mean), "newRunningVariance": rounded(new_variance)}
    return dict(layers=made, training=training(LEARNING_OPTIMIZERS))


# Residual blocks, and the activations of ReActNet; images are NHWC here


def images_from(x):
    return x.permute(0, 3, 1, 2)


def normalized(x, scale, shift):
    """Batch normalization of NCHW images in training."""
    return F.batch_norm(x, None, None, scale, shift, True, 0.1, EPSILON)


def same_border(x, stride, value):
    """The border of a 3x3 window as TensorFlow has it: the odd row and column at the end."""
    (top, bottom), (left, right) = (padding(size, 3, stride, "same") for size in x.shape[2:])
    return F.pad(x, (left, right, top, bottom), value=value)


def block(method, shortcut, channels, filters, stride):
    """activation -> 3x3 convolution -> normalization, and a shortcut around them."""

    def function(input, weight, scale, shift, shortcutWeight=None, shortcutScale=None, shortcutShift=None):
        x = images_from(input)
        if method == "bnn":
            y = same_border(Sign.apply(x, 1.0), stride, 1.0)
            weight = Sign.apply(weight, None)
        else:
            y = same_border(F.relu(x), stride, 0.0)
        y = normalized(F.conv2d(y, images_from(weight), stride=stride), scale, shift)
        if shortcut == "identity":
            side = x
        elif shortcut == "zeroPad":
            side = F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, filters - channels))
        else:
            side = F.conv2d(F.avg_pool2d(x, stride), images_from(shortcutWeight))
            side = normalized(side, shortcutScale, shortcutShift)
        return (y + side).permute(0, 2, 3, 1)

    inputs = dict(
        input=torch.randn(2, 6, 4, channels), weight=torch.randn(filters, 3, 3, channels),
        scale=torch.rand(filters) + 0.5, shift=torch.randn(filters))
    if shortcut == "layers":
        inputs |= dict(
            shortcutWeight=torch.randn(filters, 1, 1, channels), shortcutScale=torch.rand(filters) + 0.5,
            shortcutShift=torch.randn(filters))
    made = differentiated(function, **inputs)
    return made | dict(method=method, shortcut=shortcut, shape=[6, 4, channels], filters=filters, stride=stride)


def react_sign(shape):
    """The sign around a threshold; autograd sums the threshold's gradient."""
    estimator = (lambda x: Sign.apply(x, 1.0)) if shape is None else lambda x: Shaped.apply(x, shape)
    return differentiated(
        lambda input, threshold: estimator(input - threshold), input=torch.randn(9, 70), threshold=torch.randn(70) / 2)


def react_prelu():
    """RPReLU as ReActNet's code has it: a bias, PyTorch's PReLU with a slope a channel, another bias."""
    return differentiated(
        lambda input, threshold, slope, shift: F.prelu(input - threshold, slope) + shift,
        input=torch.randn(9, 70), threshold=torch.randn(70) / 2, slope=torch.rand(70), shift=torch.randn(70))


def residuals():
    torch.manual_seed(11)
    blocks = [
        block(method, shortcut, channels=3, filters=filters, stride=stride)
        for method in ("baseline", "bnn")
        for shortcut, filters, stride in (("identity", 3, 1), ("zeroPad", 5, 2), ("layers", 5, 2))]
    bits = lambda x: (2 - 2 * x.abs()) * (x.abs() <= 1)
    return dict(blocks=blocks, rsign=react_sign(None), rsignApprox=react_sign(bits), rprelu=react_prelu())


# Activations that came later


def activations():
    torch.manual_seed(13)
    return dict(hardtanh=differentiated(lambda input: F.hardtanh(input), input=2 * torch.randn(9, 7)))


for name, content in (
        ("layers", layers()), ("images", images()), ("quantizers", quantizers()), ("training", training()),
        ("learning", learning())):
    (FOLDER / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
(FOLDER / "preparation.json").write_text(json.dumps(preparation(), separators=(",", ":")) + "\n")
(FOLDER / "residuals.json").write_text(json.dumps(residuals(), separators=(",", ":")) + "\n")
(FOLDER / "activations.json").write_text(json.dumps(activations(), separators=(",", ":")) + "\n")
