"""The rendered drawings, and how a training picture is made of one: background, tint, and the captions' colour words."""
import colorsys
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SIZE = 64
STYLES = ("noto", "fluent", "flat", "twemoji", "3d")
BACKGROUNDS = {
    "white": (255, 255, 255),
    "blue": (120, 180, 255),
    "pink": (255, 185, 215),
    "yellow": (255, 232, 130),
    "green": (160, 222, 150),
    "purple": (200, 170, 250),
    "orange": (255, 195, 130),
    "red": (240, 110, 105),
    "grey": (200, 202, 206),
    "black": (28, 28, 34),
}
# Hue in degrees.
TINTS = {"red": 0, "orange": 28, "yellow": 52, "green": 120, "blue": 215, "purple": 275, "pink": 330}
COLOUR_WORDS = {*TINTS, "black", "white", "brown", "rainbow", "golden", "gold"}
FACES, PEOPLE = 0, 1


@dataclass(frozen=True)
class Drawing:
    """One concept in one style; `index` is its place in pictures.bin."""

    index: int
    label: str
    tags: tuple[str, ...]
    group: int
    style: str
    held_out: bool


def load_concepts():
    """concepts.json: label to core, words, unseenWords and heldOutStyles. The one place that fixes what is held out."""
    return json.loads((Path(__file__).parent / "concepts.json").read_text())


def load_drawings(data):
    """All drawings, and their pixels: uint8 [count, 64, 64, 4], RGBA with straight alpha."""
    concepts = load_concepts()
    listed = json.loads((data / "pictures.json").read_text())
    drawings = [
        Drawing(k, d["label"], tuple(d["tags"]), d["group"], d["style"], d["style"] in concepts[d["label"]].get("heldOutStyles", ()))
        for k, d in enumerate(listed)
    ]
    pixels = np.fromfile(data / "pictures.bin", np.uint8).reshape(-1, SIZE, SIZE, 4)
    assert len(pixels) == len(drawings), (len(pixels), len(drawings))
    return drawings, pixels


def can_be_tinted(drawing):
    """Faces, hands and people keep their colours, and so does what is named by one."""
    return drawing.group not in (FACES, PEOPLE) and not COLOUR_WORDS & set(drawing.label.split())


def tint(colours, name):
    """The picture in another colour: hue replaced, near-white and near-black parts kept. float32 [height, width, 3] in 0…1."""
    value = colours.max(-1)
    saturation = (value - colours.min(-1)) / np.maximum(value, 1e-5)
    whiteness = np.clip((value - 0.82) / 0.15, 0, 1) * np.clip(1 - 3 * saturation, 0, 1)
    wanted = np.clip(np.maximum(saturation, 0.6) * (1 - whiteness), 0, 0.95)
    if name in ("yellow", "orange", "pink"):
        value = np.clip(value * 1.08, 0, 1)  # dark shades of these read as brown
    pure = np.array(colorsys.hsv_to_rgb(TINTS[name] / 360, 1, 1), np.float32)
    return value[..., None] * (1 - wanted[..., None] * (1 - pure))


def compose(drawing, background="white", colour=None):
    """A drawing (uint8 [64, 64, 4]) on a background: float32 [3, 64, 64] in -1…1."""
    picture = drawing.astype(np.float32) / 255
    colours, alpha = picture[..., :3], picture[..., 3:]
    if colour is not None:
        colours = tint(colours, colour)
    behind = np.array(BACKGROUNDS[background], np.float32) / 255
    return np.ascontiguousarray(((colours * alpha + behind * (1 - alpha)) * 2 - 1).transpose(2, 0, 1), np.float32)
