"""Writes trained weights into the pack as float16 and the figures into its manifest.

    python models/training/export.py [--pack models/packs/emoji]

Takes DATA/unet, DATA/vae, DATA/sources.json, DATA/quality-new.json, DATA/quality-shipped.json and the stages' logs. Configurations stay
as the pack has them, but for the numbers of latent channels. Afterwards the goldens of test/golden/emoji_pack.py, the preview's factors and the hashes are
made anew; the README of this folder has the commands.
"""
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from stage import arguments, write_json

WEIGHTS = "diffusion_pytorch_model.safetensors"
CHANNELS = {"unet": ("in_channels", "out_channels"), "vae": ("latent_channels",)}
# What a run wrote about itself last; the manifest keeps these lines as they are.
LOG_LINES = {"autoencoder.log": "autoencoder: ", "unet.log": "unet: ", "judge.log": "judge: "}


def write_half(trained, packed, channels):
    """Replaces the weights in `packed` by those of `trained`, which may differ from them in `channels` of their configurations."""
    new, old = load_file(trained / WEIGHTS), load_file(packed / WEIGHTS)
    if new.keys() != old.keys():
        raise SystemExit(f"{trained} has other tensors than {packed}: a new architecture needs a new pack.")
    config, given = (json.loads((folder / "config.json").read_text()) for folder in (packed, trained))
    (packed / "config.json").write_text(json.dumps(config | {key: given[key] for key in channels}, indent=2, sort_keys=True) + "\n")
    halves = {name: tensor.half().contiguous() for name, tensor in new.items()}
    assert all(torch.isfinite(tensor).all() for tensor in halves.values())
    save_file(halves, packed / WEIGHTS, metadata={"format": "pt"})


def stage_lines(data):
    """The first and last line that each stage wrote about its last run."""
    return {
        name: [line[9:] for line in (data / name).read_text().splitlines() if line[9:].startswith(prefix)][-2:]
        for name, prefix in LOG_LINES.items()
        if (data / name).exists()
    }


def main(options):
    pack, data = options.pack, options.data
    for part in ("unet", "vae"):
        write_half(data / part, pack / part, CHANNELS[part])
    index = json.loads((pack / "model_index.json").read_text())
    index["latents"]["shape"][0] = json.loads((pack / "vae" / "config.json").read_text())["latent_channels"]
    (pack / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")
    manifest = json.loads((pack / "manifest.json").read_text())
    listed = {entry["from"]: entry for entry in json.loads((data / "sources.json").read_text())}
    for source in manifest["sources"]:
        if source["from"] in listed:
            source["sha256"] = listed[source["from"]]["sha256"]
    manifest["training"]["lastRun"] = stage_lines(data)
    manifest["quality"] = {name: json.loads((data / f"quality-{file}.json").read_text()) for name, file in (("before", "shipped"), ("now", "new"))}
    write_json(pack / "manifest.json", manifest)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--pack", type=Path, default=Path("models/packs/emoji"))
    main(parser.parse_args())
