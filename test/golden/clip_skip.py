"""What diffusers' pipelines encode where clip_skip leaves out every layer of their small text encoders: the embeddings.

    pip install torch diffusers transformers safetensors
    python test/golden/clip_skip.py test/golden/onnx-folders test/golden/clip-skip.safetensors

NAME holds the states of “an owl, a fox” by the pipeline in the folder NAME, float32 [1, 77, width]. Made with torch 2.15.0, diffusers 0.42.1, transformers 5.24.0.
"""
import sys
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from safetensors.torch import save_file
from transformers import CLIPTextModel

torch.set_num_threads(1)
# diffusers asks for the norm where transformers 4 had it.
CLIPTextModel.text_model = property(lambda self: self)
SKIPPED = {"sd": (StableDiffusionPipeline, 2), "sdxl": (StableDiffusionXLPipeline, 1)}


@torch.no_grad()
def main(folder, target):
    tensors = {}
    for name, (make, clip_skip) in SKIPPED.items():
        pipe = make.from_pretrained(Path(folder) / name, torch_dtype=torch.float32)
        states = pipe.encode_prompt("an owl, a fox", device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False, clip_skip=clip_skip)[0]
        tensors[name] = states.contiguous()
        print(name, tuple(states.shape), float(states.abs().max()))
    save_file(tensors, target)


main(*sys.argv[1:])
