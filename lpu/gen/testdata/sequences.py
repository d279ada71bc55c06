"""Draws from numpy.random and random, to compare this package's generator with.

    /usr/bin/python3 sequences.py > sequences.json
"""
import json
import random

import numpy as np

cases = []
for seed in [0, 1, 12345, 4294967295]:
    np.random.seed(seed)
    case = {"seed": seed, "numpy": [], "python": []}
    # Mixed, so that a draw that eats too many or too few words shows.
    for i in range(400):
        lo, hi = [(31, 40), (0, 1), (0, 2), (-5, 1000), (0, 65536)][i % 5]
        case["numpy"].append({
            "lo": lo, "hi": hi, "integer": int(np.random.randint(lo, hi)),
            "real": float(np.random.rand()),
            "uniform": float(np.random.uniform(-60, -25)),
        })
    random.seed(seed)
    for n, k in [(1, 1), (5, 5), (20, 5), (21, 5), (22, 5), (30, 6), (85, 6), (86, 6),
                 (36, 31), (400, 60), (1000, 85), (1045, 100), (1046, 86), (5000, 7), (3, 0)]:
        case["python"].append({"n": n, "k": k, "sample": random.sample(range(n), k)})
    cases.append(case)
print(json.dumps(cases, indent=0))
