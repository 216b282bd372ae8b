"""Names and shapes of whole single-file checkpoints in the original layout, for testing how configs are told from them.

    python test/golden/ldm_layouts.py FOLDER_WITH_ldm_layout.py models/checkpoint/testdata/ldm-layouts.json.gz

Models are built on torch's meta device from the configs that stable-diffusion-v1-5, -inpainting, -2-1, -xl-base-1.0 and -xl-refiner-1.0
publish, so nothing is downloaded and no weight exists. `expected` holds the config values that have to be told.
"""
import gzip
import json
import sys

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

sys.path.insert(0, sys.argv[1])
import ldm_layout as ldm  # noqa: E402

SD1 = dict(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
SD2 = dict(sample_size=96, cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True)
XL = dict(sample_size=128, cross_attention_dim=2048, attention_head_dim=[5, 10, 20], use_linear_projection=True, block_out_channels=[320, 640, 1280],
          down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
          up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], transformer_layers_per_block=[1, 2, 10],
          addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)
REFINER = dict(sample_size=128, cross_attention_dim=1280, attention_head_dim=[6, 12, 24, 24], use_linear_projection=True,
               block_out_channels=[384, 768, 1536, 1536], down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
               up_block_types=["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], transformer_layers_per_block=4,
               addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2560)
VAE = dict(block_out_channels=[128, 256, 512, 512], layers_per_block=2, latent_channels=4,
           down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4)
CLIP_L = dict(vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, projection_dim=768)
OPEN_H = dict(vocab_size=49408, hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, projection_dim=1024, hidden_act="gelu")
BIG_G = dict(vocab_size=49408, hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, projection_dim=1280, hidden_act="gelu")


def clip(config, cls=CLIPTextModel):
    return cls(CLIPTextConfig(**config)).state_dict()


def openclip(config, prefix, extra_layer=False):
    state = clip(config, CLIPTextModelWithProjection)
    projection = state.pop("text_projection.weight")
    return ldm.clip_openclip(state, prefix, config["num_hidden_layers"], extra_layer, projection)


def texts(name):
    if name.startswith("sd15"):
        return ldm.clip_hf(clip(CLIP_L), "cond_stage_model.transformer.", None)
    if name == "sd21":
        return openclip(OPEN_H, "cond_stage_model.model.", extra_layer=True)
    if name == "sdxl":
        return ldm.clip_hf(clip(CLIP_L), "conditioner.embedders.0.transformer.", None) | openclip(BIG_G, "conditioner.embedders.1.model.")
    return openclip(BIG_G, "conditioner.embedders.0.model.")


out = {}
for name, unet, encoders in (
    ("sd15", SD1, [CLIP_L]),
    ("sd15-inpainting", dict(SD1, in_channels=9), [CLIP_L]),
    ("sd21", SD2, [OPEN_H]),
    ("sdxl", XL, [CLIP_L, BIG_G]),
    ("sdxl-refiner", REFINER, [BIG_G]),
):
    with torch.device("meta"):
        model = UNet2DConditionModel(**unet)
        state = ldm.unet_to_ldm(model.state_dict(), model.config)
        state |= ldm.vae_to_ldm(AutoencoderKL(**VAE).state_dict(), 4)
        state |= texts(name)
    keys = ("sample_size", "in_channels", "out_channels", "block_out_channels", "layers_per_block", "down_block_types", "up_block_types",
            "transformer_layers_per_block", "cross_attention_dim", "attention_head_dim", "use_linear_projection", "addition_embed_type",
            "addition_time_embed_dim", "projection_class_embeddings_input_dim")
    out[name] = {
        "tensors": {key: list(value.shape) for key, value in state.items()},
        "unetNames": sorted(model.state_dict()),
        "expected": {"unet": {key: getattr(model.config, key) for key in keys}, "vae": VAE, "textEncoders": encoders},
    }
    print(name, len(state))
with gzip.GzipFile(sys.argv[2], "wb", mtime=0) as file:
    file.write(json.dumps(out, separators=(",", ":")).encode())
