"""What diffusers computes with tiny AutoencoderTiny networks (TAESD) of random weights.

    pip install torch diffusers safetensors
    python test/golden/autoencoder_tiny.py test/golden/autoencoder-tiny

cases.jsonl lists the cases: id, config as config.json has it. ID.safetensors holds `weights/NAME`, `in/NAME` and `out/NAME` (float32).
Weights are float16, widened to float32 and computed with on one thread. Made with torch 2.15.0, diffusers 0.42.1.
"""
import json
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file

torch.set_num_threads(1)
CASES = {
    "defaults": {"encoder_block_out_channels": [6, 6, 6, 6], "decoder_block_out_channels": [6, 6, 6, 6]},
    "odd": {"in_channels": 1, "out_channels": 4, "encoder_block_out_channels": [5, 5], "decoder_block_out_channels": [7, 7], "num_encoder_blocks": [0, 2], "num_decoder_blocks": [1, 0],
            "latent_channels": 16, "act_fn": "silu", "scaling_factor": 1.5, "shift_factor": 0.25},
    "one-level": {"encoder_block_out_channels": [4], "decoder_block_out_channels": [4], "num_encoder_blocks": [1], "num_decoder_blocks": [1], "act_fn": "gelu"},
}


@torch.no_grad()
def main(target):
    target = Path(target)
    target.mkdir(exist_ok=True)
    rows = []
    for seed, (name, config) in enumerate(CASES.items(), 1):
        generator = torch.Generator().manual_seed(seed)
        module = AutoencoderTiny.from_config(config).eval().float()
        kept = {}
        for key, value in module.state_dict().items():
            noise = torch.randn(value.shape, generator=generator)
            kept[key] = (noise * (1.5 / value[0].numel()) ** 0.5 if value.dim() > 1 else 0.3 * noise).half()
            value.copy_(kept[key].float())
        draw = lambda *shape: torch.randn(shape, generator=generator)
        inputs = {"sample": draw(2, config.get("in_channels", 3), 24, 16), "latent_sample": 2 * draw(2, config.get("latent_channels", 4), 3, 5)}
        outputs = {"latents": module.encode(inputs["sample"]).latents, "sample": module.decode(inputs["latent_sample"]).sample}
        tensors = {f"weights/{k}": v for k, v in kept.items()} | {f"in/{k}": v for k, v in inputs.items()} | {f"out/{k}": v for k, v in outputs.items()}
        save_file({k: v.contiguous() for k, v in tensors.items()}, target / f"{name}.safetensors")
        rows.append({"id": name, "config": config})
        print(name, {k: round(float(v.abs().max()), 3) for k, v in outputs.items()}, {k: round(float(v.std()), 3) for k, v in outputs.items()})
    (target / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


main(sys.argv[1])
