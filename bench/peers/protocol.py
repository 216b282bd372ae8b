"""What the scripts of this folder have in common: the options, the inputs, and the answers to `run`, `output` and `end`
(bench/measure/network-process.ts is their counterpart)."""
import argparse
import json
import resource
import sys
import time

import numpy


def read_options(*more):
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", required=True)
    for name, default in (("width", 64), ("height", 64), ("rows", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in more:
        parser.add_argument(f"--{name}", default=default)
    return parser.parse_args()


def inputs(options):
    wave = lambda step, *shape: numpy.sin(step * numpy.arange(numpy.prod(shape))).astype(numpy.float32).reshape(shape)
    return wave(0.37, options.rows, 4, options.height, options.width), wave(0.11, options.rows, 77, 768)


def say(**values):
    print(json.dumps(values), flush=True)


def serve(began, run):
    """`began`: when opening started. `run` gives a pass's result as a numpy array."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    say(openMs=1000 * (time.perf_counter() - began), rssBytes=pages * resource.getpagesize())
    output = None
    for line in sys.stdin:
        if line.strip() == "run":
            start = time.perf_counter()
            output = run()
            say(ms=1000 * (time.perf_counter() - start))
        elif line.strip() == "output":
            say(values=output.flatten().tolist())
        else:
            say(peakBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
            return
