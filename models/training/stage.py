"""What every training stage shares: its data folder, its log, its checkpoints and its time limit."""
import argparse
import json
import math
import os
import time
from pathlib import Path

DEFAULT_DATA = "/work/train"


def arguments(description):
    """A parser with the one option that all stages have."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("EMULSION_TRAINING", DEFAULT_DATA)), help="folder of pictures, checkpoints and logs, outside the repository")
    return parser


def data_folder(description):
    """The data folder of a stage that has no other option."""
    folder = arguments(description).parse_args().data
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_json(path, value):
    """Writes JSON so that a reader never sees half a file."""
    scratch = Path(f"{path}.part")
    scratch.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    scratch.replace(path)


def save_checkpoint(path, state):
    """Writes a checkpoint so that a run cut at any moment leaves the last whole one."""
    import torch

    scratch = Path(f"{path}.part")
    torch.save(state, scratch)
    scratch.replace(path)


class Log:
    """Lines to the screen and, kept, to a file; each begins with the wall clock."""

    def __init__(self, path):
        self.file = open(path, "a")

    def __call__(self, line):
        line = f"{time.strftime('%H:%M:%S')} {line}"
        print(line, flush=True)
        print(line, file=self.file, flush=True)


class Budget:
    """A stage's length in steps and minutes, whichever ends first, counted over all its resumed runs.

    The share done is that of the clock while minutes are given, so that a learning rate that follows it reaches its end in time
    however busy the machine is. A stage that was stopped (SIGSTOP) does not lose the time: a step longer than `LONGEST_STEP`
    seconds counts as that.
    """

    LONGEST_STEP = 20.0

    def __init__(self, minutes, spent=0.0):
        self.seconds, self.spent, self.last = minutes * 60, spent, time.monotonic()

    def tick(self):
        """Counts the time since the last call and answers the share of the budget that is used, 0…1."""
        now = time.monotonic()
        self.spent += min(now - self.last, self.LONGEST_STEP)
        self.last = now
        return min(1.0, self.spent / self.seconds)

    def shorten(self, end):
        """Ends the stage at a wall-clock time (seconds since the epoch) if that comes sooner."""
        left = end - time.time()
        if left < self.seconds - self.spent:
            self.seconds = self.spent + max(left, 1.0)


def cosine(share, hold=0.0):
    """1 while `share` is below `hold`, then a half cosine to 0 at 1."""
    if share <= hold:
        return 1.0
    return 0.5 + 0.5 * math.cos(math.pi * (share - hold) / (1 - hold))


def prepare_torch(threads, seed):
    """Deterministic draws, no denormal slow-down, the given number of threads."""
    import torch

    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)
