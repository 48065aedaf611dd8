#!/usr/bin/env python3
"""Writes recu.json and dampening.json: PyTorch's gradients of ReCU's weights (arXiv:2103.12369, eq. 10 to 13; the clamp as in the
authors' code, so that the gradient beyond it is 0) and of oscillation dampening (Nagel et al. 2022, arXiv:2203.11086, eq. 8).

    pip install torch
    python make_recu.py

PyTorch computes in float64 from numbers that float32 holds exactly.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(12)


class Sign(torch.autograd.Function):
    """-1 where x < 0, else +1; the gradient passes."""

    @staticmethod
    def forward(context, x):
        return torch.where(x < 0, -1.0, 1.0)

    @staticmethod
    def backward(context, gradient):
        return gradient


def float32(tensor):
    return tensor.to(torch.float32).to(torch.float64)


def digits(tensor):
    return [float(f"{number:.8g}") for number in tensor.detach().flatten().tolist()]


def recu(weight, scale, tau):
    centred = weight - weight.mean(1, keepdim=True)
    standardized = centred / (torch.sqrt(centred.var(1, keepdim=True) + 1e-5) / (2 * math.sqrt(2)))
    bound = float(-standardized.abs().mean() * math.log(2 - 2 * tau))
    beyond = (standardized.abs() > bound).sum()
    assert 0 < beyond < weight.numel() / 2 and ((standardized.abs() - bound).abs() > 1e-4).all()
    return scale[:, None] * Sign.apply(standardized.clamp(-bound, bound))


def linear(tau, rows=5, columns=37, outputs=6):
    inputs = {
        "input": torch.randn(rows, columns), "weight": torch.distributions.Laplace(0.1, 0.3).sample((outputs, columns)),
        # One of the scales is negative.
        "scale": torch.rand(outputs) - 0.2, "bias": torch.randn(outputs)}
    inputs = {name: float32(tensor).requires_grad_() for name, tensor in inputs.items()}
    output = F.linear(inputs["input"], recu(inputs["weight"], inputs["scale"], tau), inputs["bias"])
    gradient = float32(torch.randn(output.shape))
    output.backward(gradient)
    values = dict(output=output, outputGradient=gradient)
    for name, tensor in inputs.items():
        values |= {name: tensor, f"{name}Gradient": tensor.grad}
    return {name: digits(tensor) for name, tensor in values.items()}


def dampening(strength, is_scaled, rows=3, columns=19):
    weight = float32(0.6 * torch.randn(rows, columns)).requires_grad_()
    scale = weight.detach().abs().mean(1, keepdim=True) if is_scaled else torch.ones(rows, 1)
    target = scale * Sign.apply(weight.detach())
    clipped = torch.minimum(torch.maximum(weight, -scale), scale)
    (strength * ((target - clipped) ** 2).sum()).backward()
    assert (weight.abs() > scale).any()
    return dict(weight=digits(weight), weightGradient=digits(weight.grad))


files = {
    # At the beginning, and half way to τ = 0.99 of the end.
    "recu": {"begin": linear(0.85), "middle": linear(0.85 + 0.14 * (math.exp(0.5) - 1) / (math.e - 1))},
    "dampening": {"signs": dampening(0.25, False), "scaledSigns": dampening(0.25, True)},
}
for name, content in files.items():
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
