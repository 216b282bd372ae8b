"""What Pillow's Image.resize gives for pictures of mode F: python test/golden/resize.py > test/golden/resize.json

Needs Pillow >= 11 and numpy; made with Pillow 13.0.0. The source is the same formula in the test: float32 of
((37 x + 91 y + 13 x y) mod 256) / 255. Each case has a kernel, sizes [width, height], an optional box [left, top, right, bottom] in
source pixels, and the values row by row, 9 digits (which is all of a float32). `rgba` cases resample colours times opacity and divide, as
Pillow does with RGBA; opacity there is the source's formula with y for x and x for y, below 0.25 taken as 0.
`bytes` cases are colour by colour what 8-bit pictures (mode L) give, in which Pillow 13 filters columns first where the height shrinks by
more than twice what the width does.
`eight_bit` is how far Pillow's 8-bit pictures (mode L) are from mode F clipped to 0...1, in steps of 1/255, for the same case.
"""
import json

import numpy as np
from PIL import Image, ImageOps

KERNELS = ["nearest", "box", "bilinear", "bicubic", "lanczos"]
CASES = [
    ((7, 5), (13, 9), None),
    ((7, 5), (3, 2), None),
    ((16, 12), (5, 17), None),
    ((9, 4), (9, 7), None),
    ((9, 4), (4, 4), None),
    ((23, 11), (1, 1), None),
    ((1, 1), (4, 3), None),
    ((12, 9), (5, 5), (1.25, 0.5, 9.75, 8.0)),
    ((11, 6), (11, 6), (2.5, 1, 8.5, 4)),
]
COVERS = [((13, 7), (4, 4)), ((7, 13), (8, 6)), ((10, 10), (10, 3))]


def source(width, height, swapped=False):
    y, x = np.mgrid[0:height, 0:width]
    if swapped:
        x, y = y, x
    return (((37 * x + 91 * y + 13 * x * y) % 256) / 255).astype(np.float32)


def resize(values, size, kernel, box):
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling[kernel.upper()], box=box), np.float32)


def digits(values):
    return [float(f"{v:.9g}") for v in np.asarray(values, np.float32).ravel()]


cases = []
for kernel in KERNELS:
    for before, after, box in CASES:
        values = source(*before)
        out = resize(values, after, kernel, box)
        bytes_ = Image.fromarray(np.rint(values * 255).astype(np.uint8)).resize(after, Image.Resampling[kernel.upper()], box=box)
        steps = float(np.abs(np.asarray(bytes_, np.float64) - np.clip(out, 0, 1) * 255.0).max())
        cases.append({"kernel": kernel, "from": before, "to": after, "box": box, "eight_bit": round(steps, 3), "values": digits(out)})

covers = [
    {"kernel": "bicubic", "from": before, "to": after, "values": digits(ImageOps.fit(Image.fromarray(source(*before)), after, Image.Resampling.BICUBIC))}
    for before, after in COVERS
]

BYTES = [((9, 13), (8, 8)), ((13, 9), (8, 8)), ((10, 12), (8, 8)), ((7, 12), (9, 5)), ((12, 7), (5, 9))]
bytes_cases = [
    {"from": before, "to": after, "values": np.asarray(Image.fromarray(np.rint(source(*before) * 255).astype(np.uint8)).resize(after, Image.Resampling.LANCZOS)).ravel().tolist()}
    for before, after in BYTES
]

before, after = (8, 6), (5, 9)
opacity = source(*before, swapped=True)
opacity[opacity < 0.25] = 0
new_opacity = resize(opacity, after, "lanczos", None)
color = resize((source(*before) * opacity).astype(np.float32), after, "lanczos", None)
visible = new_opacity > 0
rgba = {
    "kernel": "lanczos",
    "from": before,
    "to": after,
    "color": digits(np.clip(np.where(visible, color / np.where(visible, new_opacity, 1), 0), 0, 1)),
    "opacity": digits(np.clip(new_opacity, 0, 1)),
}

print("{")
print('"cases": [\n' + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n],")
print('"covers": [\n' + ",\n".join(json.dumps(one, separators=(",", ":")) for one in covers) + "\n],")
print('"bytes": [\n' + ",\n".join(json.dumps(one, separators=(",", ":")) for one in bytes_cases) + "\n],")
print('"rgba": ' + json.dumps(rgba, separators=(",", ":")))
print("}")
