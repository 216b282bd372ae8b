"""numpy's SeedSequence and torchsde's Brownian tree, written as goldens for nodes/noise/brownian-tree.test.ts.

    python test/golden/brownian_tree.py test/golden/brownian-tree.json

Trees as k-diffusion's samplers make them (tol 1e-6, pool_size 24, halves). Made with torch 2.15.0 (CPU), numpy 2.4.6 and torchsde 0.2.6."""
import json
import sys

import numpy as np
import torch
import torchsde

SEEDS = [0, 7, 2**32 + 5, 2**64 - 1]
words = [
    {"entropy": str(entropy), "spawnKey": key, "poolSize": pool, "words": np.random.SeedSequence(entropy, spawn_key=key, pool_size=pool).generate_state(5).tolist()}
    for entropy in [*SEEDS, 2**200 + 3]
    for key, pool in [((), 4), ((), 24), ((0, 0), 24), ((5, 3), 24), ((2**40 + 9, 41), 8)]
]

# Neighbours, a step by way of its middle, times beyond the ends, half-way decimals and nothing at all.
TIMES = [(10.0, 14.6146), (6.5, 10.0), (0.0291675, 0.5), (0.5, 0.5), (0.0078125, 0.5078125), (0.0, 0.03), (1.0, 600.0), (3.1415926, 3.1415936)]
trees = []
for seed in SEEDS:
    for start, end, shape in [(0.0291675, 14.6146, (1, 4, 3, 5)), (0.3, 500.0, (2, 3))]:
        t0, t1 = float(np.float32(start)), float(np.float32(end))
        tree = torchsde.BrownianInterval(t0=t0, t1=t1, size=shape, dtype=torch.float32, entropy=seed, tol=1e-6, pool_size=24, halfway_tree=True)
        asked = []
        for a, b in TIMES:
            a, b = (min(max(float(np.float32(t)), t0), t1) for t in (a, b))
            asked.append({"from": a, "to": b, "increment": [float(v) for v in tree(a, b).flatten()]})
        trees.append({"seed": str(seed), "from": t0, "to": t1, "count": int(np.prod(shape)), "asked": asked})

with open(sys.argv[1], "w") as file:
    json.dump({"words": words, "trees": trees}, file, separators=(",", ":"))
