#!/usr/bin/env python3
"""Times training steps of 784-2048x3-10 in PyTorch, as `signflip bench train` does, and prints one JSON object."""

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


class SignActivation(nn.Module):
    def forward(self, x):
        return Sign.apply(x)


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
    parser.add_argument("--kind", choices=["baseline", "binaryconnect", "bnn"], default="bnn")
    parser.add_argument("--optimizer", choices=["sgd", "adam"], default="adam")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--steps", type=int, default=10)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    model = network(options.kind)
    images, labels = torch.rand(options.batch, 784), torch.randint(10, (options.batch,))
    if options.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    else:
        optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    latent = [layer.weight for layer in model if isinstance(layer, BinaryLinear)]

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
        peer=f"torch {torch.__version__}", net="mlp", kind=options.kind, optimizer=options.optimizer,
        precision=options.precision, threads=options.threads, batch=options.batch,
        millisecondsPerStep=round(best * 1e3, 2), imagesPerSecond=round(options.batch / best))))


main()
