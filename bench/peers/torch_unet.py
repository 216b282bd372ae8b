"""A U-Net in torch and diffusers, run on demand (protocol.py)."""
import time

import torch
from diffusers import UNet2DConditionModel

from protocol import inputs, read_options, serve

options = read_options(("dtype", "float32"))
dtype = getattr(torch, options.dtype)
began = time.perf_counter()
unet = UNet2DConditionModel.from_pretrained(options.checkpoint, subfolder="unet", torch_dtype=dtype).eval()
sample, states = (torch.from_numpy(value).to(dtype) for value in inputs(options))


def run():
    with torch.inference_mode():
        return unet(sample, 500, states, return_dict=False)[0].float().numpy()


serve(began, run)
