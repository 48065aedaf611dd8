"""Prints importance.json: what NumPy computes for the trials that ParameterImportanceTests compares.

Usage: importance.py > importance.json      (needs numpy)
"""

import json

import numpy

MOST_GROUPS = 8


def epsilon_squared(groups, y):
    """One-way analysis of variance: 1 - MS within / MS total."""
    groups = [y[groups == group] for group in numpy.unique(groups)]
    within = sum(((group - group.mean()) ** 2).sum() for group in groups)
    return 1 - (within / (len(y) - len(groups))) / y.var(ddof=1), len(groups)


def quantile_groups(x):
    ranks = numpy.searchsorted(numpy.sort(x), x, side="left")
    most = min(MOST_GROUPS, int(numpy.sqrt(len(x))))
    return ranks * most // len(x)


random = numpy.random.default_rng(7)
count = 120
rate = numpy.array([float(f"{value:.4g}") for value in 10 ** random.uniform(-4, -1, count)])
size = random.choice([64, 128, 256], count)
kind = random.choice(["adam", "sgd", "bop"], count)
noise = random.normal(size=count)
objective = -((numpy.log10(rate) + 2.5) ** 2) + 0.6 * (kind == "adam") + 0.1 * noise
cases = {
    "rate": ([repr(float(value)) for value in rate], True, quantile_groups(rate)),
    "size": ([str(value) for value in size], True, size),
    "kind": ([str(value) for value in kind], False, kind),
}
result = {"objective": objective.tolist(), "parameters": {}}
for name, (values, is_numeric, groups) in cases.items():
    share, groups = epsilon_squared(groups, objective)
    result["parameters"][name] = {"values": values, "isNumeric": is_numeric, "share": share, "groups": groups}
print(json.dumps(result, indent=1))
