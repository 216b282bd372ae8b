"""What diffusers computes where two SDXL pipelines share one noise schedule, and where one picture is drawn on several times.

    pip install torch diffusers transformers safetensors
    python test/golden/base_refiner.py test/golden/base-refiner

cases.jsonl lists the cases: pipelines one after the other (`parts`), each with its U-Net, share of the schedule (`start`, `end`) or `strength`, seed or
seeds, and the timesteps that it called. ID.safetensors holds `in/PIPE/prompt_embeds` …, `in/mean`, `in/std` (of a picture drawn on, scaled),
and `out/PART` (its latents). unets.json holds the configs of the two U-Nets, networks.safetensors their weights: float16, widened and computed
with on one thread. Made with torch 2.15.0, diffusers 0.42.1.
"""
import json
import sys
import warnings
from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderKL, StableDiffusionXLImg2ImgPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from safetensors.torch import save_file

from fill_weights import fill

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
BASE = {"block_out_channels": [4, 8], "layers_per_block": 1, "norm_num_groups": 2, "cross_attention_dim": 6, "attention_head_dim": 2,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"], "addition_embed_type": "text_time",
        "addition_time_embed_dim": 6, "projection_class_embeddings_input_dim": 5 + 6 * 6, "transformer_layers_per_block": [1, 2], "use_linear_projection": True}
# As SDXL's refiner: five numbers of sizes and score, and another text.
UNETS = {"base": BASE, "refiner": {**BASE, "cross_attention_dim": 10, "projection_class_embeddings_input_dim": 5 + 6 * 5, "transformer_layers_per_block": [1, 1]}}
SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1, "timestep_spacing": "leading"}


def split(scheduler, steps, at=0.7, batch=1, **config):
    parts = [{"pipe": "base", "end": at, "seed": "11", "guidance": 4.0}, {"pipe": "refiner", "start": at, "seed": "12", "guidance": 3.0}]
    return {"class": scheduler, "config": {**SD, **config}, "steps": steps, "batch": batch, "parts": parts}


CASES = {
    "euler": split("EulerDiscreteScheduler", 7),
    "euler-ancestral": split("EulerAncestralDiscreteScheduler", 6, batch=2),
    "ddim": split("DDIMScheduler", 10, 0.8, set_alpha_to_one=False, clip_sample=False),
    "pndm": split("PNDMScheduler", 9, skip_prk_steps=True),
    "lms-linspace": split("LMSDiscreteScheduler", 7, 0.55, timestep_spacing="linspace"),
    "dpmpp-2m-karras": split("DPMSolverMultistepScheduler", 9, 0.8, use_karras_sigmas=True),
    "dpmpp-2m-sde": split("DPMSolverMultistepScheduler", 6, algorithm_type="sde-dpmsolver++"),
    "unipc": split("UniPCMultistepScheduler", 8, 0.6),
    "heun": split("HeunDiscreteScheduler", 6),
    "heun-odd": split("HeunDiscreteScheduler", 7, 0.5, timestep_spacing="trailing"),
    "heun-late": split("HeunDiscreteScheduler", 5, 0.95),
    "dpm2": split("KDPM2DiscreteScheduler", 6),
    "dpm2-ancestral": split("KDPM2AncestralDiscreteScheduler", 6, 0.62, timestep_spacing="linspace"),
    "three": {**split("EulerDiscreteScheduler", 12, timestep_spacing="trailing"), "parts": [
        {"pipe": "base", "end": 0.25, "seed": "1", "guidance": 4.0}, {"pipe": "refiner", "start": 0.25, "end": 0.6665, "seed": "2", "guidance": 1.0}, {"pipe": "refiner", "start": 0.6665, "seed": "3", "guidance": 3.0}]},
    "seeds": {**split("EulerDiscreteScheduler", 5), "parts": [{"pipe": "refiner", "picture": True, "strength": 0.6, "seed": ["5", "6", "18446744073709551615"], "guidance": 3.0}]},
    "strength-until": {**split("DPMSolverMultistepScheduler", 10), "parts": [{"pipe": "refiner", "picture": True, "strength": 0.8, "end": 0.75, "seed": ["7", "8"], "guidance": 3.0}]},
    "dpm-singlestep": split("DPMSolverSinglestepScheduler", 8, 0.6, timestep_spacing="linspace"),
    "deis": split("DEISMultistepScheduler", 7, 0.5, solver_order=3),
    "ddpm": split("DDPMScheduler", 6, clip_sample=False),
    "pndm-runge-kutta": split("PNDMScheduler", 8, 0.5),
    "lcm": split("LCMScheduler", 6, 0.5, clip_sample=False),
    "tcd": split("TCDScheduler", 6, 0.5, clip_sample=False),
    "sa-solver": split("SASolverScheduler", 7, 0.6, timestep_spacing="linspace"),
    "dpm-sde": split("DPMSolverSDEScheduler", 6),
    "repeated": {**split("EulerAncestralDiscreteScheduler", 5, batch=3), "parts": [{"pipe": "refiner", "picture": True, "strength": 0.6, "seed": "9", "guidance": 3.0}]},
}


def run_case(case, unets, vae, seed):
    make = getattr(diffusers, case["class"])
    generator = torch.Generator().manual_seed(1000 + seed)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    tensors, texts = {}, {}
    for name, config in UNETS.items():
        width = config["cross_attention_dim"]
        texts[name] = {"prompt_embeds": draw(1, 3, width), "negative_prompt_embeds": draw(1, 3, width), "pooled_prompt_embeds": draw(1, 5), "negative_pooled_prompt_embeds": draw(1, 5)}
        if any(part["pipe"] == name for part in case["parts"]):
            tensors |= {f"in/{name}/{key}": value for key, value in texts[name].items()}
    latents = None
    for index, part in enumerate(case["parts"]):
        scheduler = make(**{key: value for key, value in case["config"].items() if key in make.__init__.__wrapped__.__code__.co_varnames})
        if "SDE" in case["class"]:
            # Its noise is not of the pipeline's generator.
            scheduler.noise_sampler_seed = int(part["seed"])
        parts = dict(vae=vae, text_encoder=None, text_encoder_2=None, tokenizer=None, tokenizer_2=None, unet=unets[part["pipe"]], scheduler=scheduler)
        seeds = part["seed"] if isinstance(part["seed"], list) else [part["seed"]]
        generators = [torch.Generator().manual_seed(int(one)) for one in seeds]
        how = {"generator": generators if len(seeds) > 1 else generators[0], "num_images_per_prompt": len(seeds) if len(seeds) > 1 else case["batch"]}
        if part["pipe"] == "base":
            pipe = StableDiffusionXLPipeline(**parts)
            how |= {"height": 48, "width": 64}
        else:
            pipe = StableDiffusionXLImg2ImgPipeline(**parts, requires_aesthetics_score=True)
            how |= {"denoising_start": part.get("start"), "image": latents, "strength": part.get("strength", 0.3)}
            if "picture" in part:
                how["image"] = torch.rand((1, 3, 48, 64), generator=generator)
                posterior = vae.encode(how["image"] * 2 - 1).latent_dist
                tensors |= {"in/mean": posterior.mean * vae.config.scaling_factor, "in/std": posterior.std * vae.config.scaling_factor}
        pipe.set_progress_bar_config(disable=True)
        timesteps = []
        after = lambda p, i, t, k: timesteps.append(float(t)) or {}
        latents = pipe(num_inference_steps=case["steps"], guidance_scale=part["guidance"], denoising_end=part.get("end"), output_type="latent", callback_on_step_end=after, **how, **texts[part["pipe"]]).images
        tensors[f"out/{index}"] = latents
        part["timesteps"] = timesteps
        case["scheduler"] = {"_class_name": case["class"], **{k: "-Infinity" if v == -float("inf") else v for k, v in scheduler.config.items() if not k.startswith("_")}}
    return tensors


@torch.no_grad()
def main(target):
    target = Path(target)
    target.mkdir(exist_ok=True)
    unets, networks = {}, {}
    for seed, (name, config) in enumerate(UNETS.items(), 31):
        unets[name], kept = fill(UNet2DConditionModel.from_config(config), seed)
        networks |= {f"{name}/{key}": value for key, value in kept.items()}
    vae, _ = fill(AutoencoderKL(block_out_channels=[4, 4, 4, 4], norm_num_groups=2, latent_channels=4, down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4, scaling_factor=0.13025), 41)
    rows = []
    for seed, (name, case) in enumerate(CASES.items(), 50):
        tensors = run_case(case, unets, vae, seed)
        save_file({key: value.contiguous() for key, value in tensors.items()}, target / f"{name}.safetensors")
        rows.append({"id": name, "batch": case["batch"], "steps": case["steps"], "scheduler": case["scheduler"], "parts": case["parts"]})
        print(name, [len(part["timesteps"]) for part in case["parts"]], {key: round(float(value.abs().max()), 3) for key, value in tensors.items() if key.startswith("out/")})
    (target / "unets.json").write_text(json.dumps(UNETS) + "\n")
    save_file(networks, target / "networks.safetensors")
    (target / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


main(sys.argv[1])
