"""Prints statistics.json: what NumPy and SciPy compute for the values that SeedStatisticsTests compares.

Usage: statistics.py > statistics.json      (needs numpy and scipy)
"""

import json

import numpy
import scipy.stats

SAMPLES = {
    "five": [0.9861, 0.9853, 0.9872, 0.9849, 0.9866],
    "other": [0.9855, 0.9851, 0.9864, 0.9850, 0.9858],
    "spread": [0.1, 0.9, 0.4],
    "eight": [0.31, 0.29, 0.35, 0.28, 0.33, 0.30, 0.36, 0.27],
}

results = {}
for name, values in SAMPLES.items():
    array = numpy.array(values)
    draws = scipy.stats.bootstrap((array,), numpy.mean, n_resamples=200_000, method="percentile", rng=1)
    interval = draws.confidence_interval
    results[name] = {
        "values": values,
        "mean": array.mean(),
        "deviation": array.std(ddof=1),
        "lower": float(interval[0]),
        "upper": float(interval[1]),
        "percentiles": list(numpy.percentile(array, [2.5, 50, 97.5])),
    }
print(json.dumps(results, indent=1))
