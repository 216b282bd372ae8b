"""Draws pictures with a U-Net, an autoencoder and the text encoder; sheets of pictures for looking at."""
import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image, ImageDraw

from text import TextEncoder

SCHEDULE = dict(
    num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction",
    clip_sample=False, set_alpha_to_one=False, steps_offset=1, timestep_spacing="trailing",
)
SCHEDULERS = {"ddim": DDIMScheduler, "dpm++": DPMSolverMultistepScheduler, "euler": EulerDiscreteScheduler}


def load_unet(folder):
    network = UNet2DConditionModel.from_pretrained(folder).float()
    # At 64 tokens plain matrix products are a fifth faster on a CPU than the fused attention.
    network.set_attn_processor(AttnProcessor())
    return network


class Painter:
    """Text to pictures at 64×64, in float32."""

    def __init__(self, unet, vae, pack, text=None):
        self.unet = unet if isinstance(unet, torch.nn.Module) else load_unet(unet).eval()
        self.vae = vae if isinstance(vae, torch.nn.Module) else AutoencoderKL.from_pretrained(vae).float().eval()
        self.text = text or TextEncoder(pack)

    @torch.no_grad()
    def latents(self, prompts, seeds, steps=20, guidance=4.0, scheduler="ddim"):
        """float32 [prompts, channels, 16, 16]; one seed a prompt, so that a picture does not depend on its neighbours."""
        walk = SCHEDULERS[scheduler](**{k: v for k, v in SCHEDULE.items() if scheduler == "ddim" or k not in ("clip_sample", "set_alpha_to_one")})
        walk.set_timesteps(steps)
        states = torch.cat([self.text.padded([""]).expand(len(prompts), -1, -1), self.text.padded(prompts)])
        noise = [torch.randn((self.unet.config.in_channels, 16, 16), generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        latents = torch.stack(noise) * walk.init_noise_sigma
        for timestep in walk.timesteps:
            scaled = walk.scale_model_input(latents, timestep)
            without, with_text = self.unet(torch.cat([scaled, scaled]), timestep, states).sample.chunk(2)
            latents = walk.step(without + guidance * (with_text - without), timestep, latents).prev_sample
        return latents

    @torch.no_grad()
    def draw(self, prompts, seeds=None, batch=50, **settings):
        """float32 [prompts, 3, 64, 64] in -1…1; without seeds the k-th picture has seed k."""
        seeds = list(range(len(prompts))) if seeds is None else seeds
        found = []
        for begin in range(0, len(prompts), batch):
            chosen = slice(begin, begin + batch)
            found.append(self.vae.decode(self.latents(prompts[chosen], seeds[chosen], **settings)).sample.clamp(-1, 1))
        return torch.cat(found)


def to_bytes(pictures):
    """uint8 [count, 64, 64, 3] of float pictures in -1…1."""
    return ((pictures + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def write_sheet(path, pictures, captions=None, columns=10, scale=2):
    """A contact sheet of pictures (float, -1…1), each with its caption below it."""
    size, gap = 64 * scale, 4
    line = 14 if captions else 0
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (size + gap), rows * (size + gap + line)), (236, 236, 236))
    pen = ImageDraw.Draw(sheet)
    for k, pixels in enumerate(to_bytes(pictures)):
        left, top = k % columns * (size + gap) + gap // 2, k // columns * (size + gap + line) + gap // 2
        sheet.paste(Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC), (left, top))
        if captions:
            pen.text((left, top + size), captions[k][: size // 6], fill=(40, 40, 40))
    sheet.save(path, optimize=True)
