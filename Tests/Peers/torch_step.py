#!/usr/bin/env python3
"""Times training steps in PyTorch, as `signflip bench train` does, and prints one JSON object.

mlp is 784-2048x3-10, conv 3x3 convolutions of 50, 100 and 200 filters on 32x32x3 and 500 units, in PyTorch's channels-last layout.
"""

import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn


class Sign(torch.autograd.Function):
    """-1 where x < 0, else +1; the gradient passes where |x| <= 1."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return torch.where(x < 0, -1.0, 1.0).to(x.dtype)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * (x.abs() <= 1)


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, Sign.apply(self.weight))


class BinaryConvolution(nn.Conv2d):
    def forward(self, x):
        # Zeros around signs, where signflip has +1: for PyTorch, padding with +1 would need another copy and a quarter
        # more time.
        return F.conv2d(x, Sign.apply(self.weight), padding=1)


class SignActivation(nn.Module):
    def forward(self, x):
        return Sign.apply(x)


def convolutional(kind):
    layers, channels = [], 3
    for filters in (50, 100, 200):
        convolution = nn.Conv2d if kind == "baseline" else BinaryConvolution
        layers.append(convolution(channels, filters, 3, padding=1, bias=False))
        activation = SignActivation() if kind == "bnn" else nn.ReLU()
        layers += [nn.MaxPool2d(2), nn.BatchNorm2d(filters), activation]
        channels = filters
    linear = nn.Linear if kind == "baseline" else BinaryLinear
    activation = SignActivation() if kind == "bnn" else nn.ReLU()
    layers += [nn.Flatten(), linear(3200, 500, bias=False), nn.BatchNorm1d(500), activation]
    return nn.Sequential(*layers, linear(500, 10, bias=False)).to(memory_format=torch.channels_last)


def network(kind):
    layers, width = [], 784
    for _ in range(3):
        if kind == "baseline":
            layers += [nn.Linear(width, 2048), nn.ReLU(), nn.Dropout(0.5)]
        else:
            activation = SignActivation() if kind == "bnn" else nn.ReLU()
            layers += [BinaryLinear(width, 2048, bias=False), nn.BatchNorm1d(2048), activation]
        width = 2048
    return nn.Sequential(*layers, nn.Linear(2048, 10) if kind == "baseline" else BinaryLinear(2048, 10, bias=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", choices=["mlp", "conv"], default="mlp")
    parser.add_argument("--kind", choices=["baseline", "binaryconnect", "bnn"], default="bnn")
    parser.add_argument("--optimizer", choices=["sgd", "adam"], default="adam")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, help="256, of conv 128")
    parser.add_argument("--steps", type=int, default=10)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    batch = options.batch or (256 if options.net == "mlp" else 128)
    if options.net == "mlp":
        model, images = network(options.kind), torch.rand(batch, 784)
    else:
        model = convolutional(options.kind)
        images = torch.randn(batch, 3, 32, 32).to(memory_format=torch.channels_last)
    labels = torch.randint(10, (batch,))
    if options.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    else:
        optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    latent = [layer.weight for layer in model if isinstance(layer, (BinaryLinear, BinaryConvolution))]

    def step():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for weight in latent:
                weight.clamp_(-1, 1)

    for _ in range(3):
        step()
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        for _ in range(options.steps):
            step()
        best = min(best, (time.perf_counter() - begin) / options.steps)
    print(json.dumps(dict(
        peer=f"torch {torch.__version__}", net=options.net, kind=options.kind, optimizer=options.optimizer,
        precision=options.precision, threads=options.threads, batch=batch,
        millisecondsPerStep=round(best * 1e3, 2), imagesPerSecond=round(batch / best))))


main()
