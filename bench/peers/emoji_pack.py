"""The emoji pack in torch, diffusers and transformers, words to PNG. With --once: one picture, timed by whoever started it; else on demand
(protocol.py). As test/golden/emoji_pack.py has it: states of the text alone, zeros up to 32 rows, guidance as a batch of two."""
import argparse
import json
import time
from pathlib import Path

began = time.perf_counter()
import numpy
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from PIL import Image
from transformers import AutoTokenizer, BertModel

from protocol import serve

parser = argparse.ArgumentParser()
parser.add_argument("--checkpoint", required=True)
parser.add_argument("--prompt", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--steps", type=int, default=20)
parser.add_argument("--guidance", type=float, default=4)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--once", action="store_true")
options = parser.parse_args()

folder = options.checkpoint
tokenizer = AutoTokenizer.from_pretrained(f"{folder}/tokenizer")
text = BertModel.from_pretrained(f"{folder}/text_encoder", add_pooling_layer=False, dtype=torch.float32).eval()
unet = UNet2DConditionModel.from_pretrained(f"{folder}/unet", torch_dtype=torch.float32).eval()
vae = AutoencoderKL.from_pretrained(f"{folder}/vae", torch_dtype=torch.float32).eval()
scheduler = DDIMScheduler.from_pretrained(f"{folder}/scheduler")
rows = json.loads(Path(f"{folder}/model_index.json").read_text())["text_conditioning"]["max_length"]


def encode(words):
    ids = tokenizer(words, truncation=True, max_length=rows, return_tensors="pt")
    states = text(input_ids=ids.input_ids, attention_mask=ids.attention_mask).last_hidden_state
    padded = torch.zeros((1, rows, states.shape[2]))
    padded[:, : states.shape[1]] = states
    return padded


@torch.inference_mode()
def draw():
    states = torch.cat([encode(""), encode(options.prompt)])
    latents = torch.randn((1, unet.config.in_channels, 16, 16), generator=torch.Generator().manual_seed(options.seed))
    scheduler.set_timesteps(options.steps)
    latents = latents * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        without, with_text = unet(scheduler.scale_model_input(torch.cat([latents] * 2), t), t, states, return_dict=False)[0].chunk(2)
        latents = scheduler.step(without + options.guidance * (with_text - without), t, latents, return_dict=False)[0]
    picture = vae.decode(latents / vae.config.scaling_factor, return_dict=False)[0]
    pixels = (255 * (picture[0] / 2 + 0.5).clamp(0, 1)).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(options.out)
    return pixels.astype(numpy.float32)


if options.once:
    draw()
else:
    serve(began, draw)
