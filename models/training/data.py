"""Lists the training items (drawing × background × tint) with their captions, and encodes the captions with the frozen text encoder.

    python models/training/data.py [--pack models/packs/emoji]

Writes DATA/items.json and DATA/captions.npz: float16 token states of every caption, one after another, with the offset of each.
"""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from captions import caption
from pictures import BACKGROUNDS, STYLES, TINTS, can_be_tinted, load_concepts, load_drawings
from stage import Log, arguments, prepare_torch

SEED = 0
# Variants of one drawing: how many, captions each, share of the drawing's samples.
WHITE, COLOURED, TINTED, BOTH = (1, 6, 0.50), (3, 2, 0.22), (3, 3, 0.20), (1, 2, 0.08)


@dataclass(frozen=True)
class Item:
    """One training picture: `drawing` is an index into pictures.bin, `captions` are indices into the list of captions."""

    drawing: int
    label: str
    style: str
    group: int
    background: str
    colour: str | None
    held_out: bool
    share: float
    captions: tuple[int, ...]


@dataclass(frozen=True)
class Items:
    items: list[Item]
    captions: list[str]


def load_items(data):
    """What items.json lists."""
    listed = json.loads((data / "items.json").read_text())
    return Items([Item(**{**item, "captions": tuple(item["captions"])}) for item in listed["items"]], listed["captions"])


def variants(drawing, random):
    """(background, colour, kind) of every picture made of one drawing."""
    coloured = [name for name in BACKGROUNDS if name != "white"]
    yield "white", None, WHITE
    for background in random.choice(coloured, COLOURED[0], replace=False):
        yield str(background), None, COLOURED
    if can_be_tinted(drawing):
        hues = random.choice(list(TINTS), TINTED[0] + BOTH[0], replace=False)
        for colour in hues[: TINTED[0]]:
            yield "white", str(colour), TINTED
        for colour in hues[TINTED[0] :]:
            yield str(random.choice([name for name in coloured if name != colour])), str(colour), BOTH


def list_items(data):
    """Every item with its captions; the empty caption is number 0."""
    concepts, (drawings, _) = load_concepts(), load_drawings(data)
    numbers, items = {"": 0}, []
    for drawing in drawings:
        # A seed for each drawing: adding a concept leaves all others as they were.
        random = np.random.default_rng([SEED, STYLES.index(drawing.style), *drawing.label.encode()])
        for background, colour, (count, wordings, share) in variants(drawing, random):
            texts = {caption(drawing, concepts[drawing.label].get("words", []), background, colour, random) for _ in range(wordings)}
            ids = tuple(numbers.setdefault(text, len(numbers)) for text in sorted(texts))
            items.append(Item(drawing.index, drawing.label, drawing.style, drawing.group, background, colour, drawing.held_out, share / count, ids))
    return Items(items, list(numbers))


if __name__ == "__main__":
    from text import TextEncoder

    parser = arguments(__doc__)
    parser.add_argument("--pack", type=Path, default=Path("models/packs/emoji"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    prepare_torch(options.threads, SEED)
    log = Log(options.data / "data.log")
    listed = list_items(options.data)
    content = {"items": [vars(item) for item in listed.items], "captions": listed.captions}
    (options.data / "items.json").write_text(json.dumps(content, ensure_ascii=False))
    held = sum(item.held_out for item in listed.items)
    log(f"{len(listed.items)} items, {held} of them held out, {len(listed.captions)} captions")
    for index in np.random.default_rng(1).choice(len(listed.captions), 24):
        log(f"    {listed.captions[index]}")
    states = TextEncoder(options.pack).encode_all(listed.captions)
    offsets = np.cumsum([0, *map(len, states)])
    np.savez(options.data / "captions.npz", states=np.concatenate(states), offsets=offsets)
    log(f"{offsets[-1]} token states")
