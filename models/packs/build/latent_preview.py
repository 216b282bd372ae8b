"""Fits the linear map from a pack's latents to RGB that previews use, and writes it into the pack's model_index.json.

    python models/packs/build/latent_preview.py models/packs/emoji test/golden/emoji-pack
    python models/packs/build/manifest.py models/packs/emoji

Least squares over recorded pictures: each latent cell's channels against the mean colour (−1…1) of the pixels it stands for. Needs numpy."""
import json
import struct
import sys
from pathlib import Path

import numpy as np


def read(path, name):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    entry = json.loads(raw[8 : 8 + size])[name]
    start, end = (8 + size + offset for offset in entry["data_offsets"])
    return np.frombuffer(raw[start:end], "<f4").reshape(entry["shape"])


def main(pack, recorded):
    pack = Path(pack)
    cells, colours = [], []
    for path in sorted(Path(recorded).glob("*.safetensors")):
        latents, image = read(path, "latents.final"), read(path, "image")
        batch, channels, height, width = latents.shape
        factor = image.shape[2] // height
        means = image.reshape(batch, 3, height, factor, width, factor).mean((3, 5)) * 2 - 1
        cells.append(latents.transpose(0, 2, 3, 1).reshape(-1, channels))
        colours.append(means.transpose(0, 2, 3, 1).reshape(-1, 3))
    x, y = np.concatenate(cells).astype(np.float64), np.concatenate(colours).astype(np.float64)
    solution, *_ = np.linalg.lstsq(np.hstack([x, np.ones((len(x), 1))]), y, rcond=None)
    error = float(np.sqrt(((np.hstack([x, np.ones((len(x), 1))]) @ solution - y) ** 2).mean()))
    print(f"{len(x)} cells, rms error {error:.3f} of 2")
    preview = {"factors": [[round(float(v), 4) for v in row] for row in solution[:-1]], "bias": [round(float(v), 4) for v in solution[-1]]}
    index_path = pack / "model_index.json"
    index = json.loads(index_path.read_text())
    index["latents"]["preview"] = preview
    index_path.write_text(json.dumps(index, indent=1) + "\n")


main(*sys.argv[1:3])
