"""What diffusers computes with tiny ControlNets and T2I-Adapters of random weights: the networks one by one, and pipelines with several.

    pip install torch diffusers transformers safetensors pillow
    python test/golden/controlnet.py test/golden/controlnet

cases.jsonl lists the cases. A network's case (kind `controlnet` or `t2iAdapter`): id, config as config.json has it; ID.safetensors holds `weights/NAME`,
`in/NAME` and `out/NAME` (float32), with conditioning_scale 1. A pipeline's case (kind `pipeline`): what is given to the pipeline, its
networks' configs and where their weights are in networks.safetensors; ID.safetensors holds `in/NAME` (pictures as uint8 [height, width, channels]) and `out/NAME`: what
the U-Net is given in its first call (ControlNets alone), the latents after each step, and `calls` (how often each ControlNet adds
more than zeros; T2I-Adapters are asked once).
Weights are float16, widened to float32 and computed with on one thread. Made with torch 2.15.0, diffusers 0.42.1, transformers 5.24.0.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import (ControlNetModel, DDIMScheduler, EulerDiscreteScheduler, MultiAdapter, MultiControlNetModel,
                       StableDiffusionAdapterPipeline, StableDiffusionControlNetPipeline, StableDiffusionXLAdapterPipeline,
                       StableDiffusionXLControlNetPipeline, T2IAdapter, UNet2DConditionModel)
from PIL import Image
from safetensors.torch import save_file

from fill_weights import fill

torch.set_num_threads(1)
SMALL = {"block_out_channels": [4, 8], "layers_per_block": 1, "norm_num_groups": 2, "cross_attention_dim": 6, "attention_head_dim": 2,
         "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"]}
XL = {**SMALL, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "addition_embed_type": "text_time", "addition_time_embed_dim": 6,
      "projection_class_embeddings_input_dim": 5 + 6 * 6, "transformer_layers_per_block": [1, 2], "use_linear_projection": True}
EIGHTH = {"conditioning_embedding_out_channels": [3, 4, 5, 6]}

NETWORKS = {
    "controlnet-sd": {**SMALL, "conditioning_embedding_out_channels": [3, 4]},
    "controlnet-shuffle": {**SMALL, "conditioning_embedding_out_channels": [3, 4], "global_pool_conditions": True, "controlnet_conditioning_channel_order": "bgr"},
    "controlnet-sdxl": {**XL, "conditioning_embedding_out_channels": [3], "conditioning_channels": 1},
    "controlnet-sdxl-small": {**XL, "down_block_types": ["DownBlock2D", "DownBlock2D"], "mid_block_type": "UNetMidBlock2D", "transformer_layers_per_block": 0, "conditioning_embedding_out_channels": [2, 3, 4]},
    "controlnet-sdxl-mid": {**XL, "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D"], "transformer_layers_per_block": [0, 1], "conditioning_embedding_out_channels": [2, 3]},
    "controlnet-odd": {**SMALL, "block_out_channels": [4, 4, 8], "layers_per_block": 2, "downsample_padding": 0, "num_attention_heads": 1, "attention_head_dim": 3, "act_fn": "mish", "flip_sin_to_cos": False, "freq_shift": 1,
                       "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"], "mid_block_scale_factor": 1.5, "conditioning_embedding_out_channels": [2, 3], "in_channels": 3},
}
FULL = {"channels": [4, 8], "num_res_blocks": 2}
FULL_XL = {"in_channels": 1, "channels": [4, 8, 8, 8], "num_res_blocks": 1, "downscale_factor": 16, "adapter_type": "full_adapter_xl"}
ADAPTERS = {
    "t2i-full": {**FULL, "channels": [4, 4, 8]},
    "t2i-xl": FULL_XL,
    "t2i-light": {"channels": [4, 8], "num_res_blocks": 3, "downscale_factor": 4, "adapter_type": "light_adapter"},
}
XL_LEVELS = {**XL, "block_out_channels": [4, 8, 8], "transformer_layers_per_block": [1, 2, 1], "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"]}
UNETS = {
    "xl-levels": {**XL_LEVELS, "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"]},
    "sd": {**SMALL, "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]},
    "xl": {**XL, "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"]},
}
# Pictures have another size than what is drawn, so that they are resized.
PIPELINES = {
    "pipeline-xl-two": {"unet": "xl", "controls": [{"config": {**XL, **EIGHTH}, "scale": 0.8, "start": 0.0, "end": 0.6}, {"config": {**XL, **EIGHTH}, "scale": 1.7, "start": 0.3, "end": 1.0}], "guess": False, "guidance": 4.0, "steps": 6, "batch": 1},
    "pipeline-xl-guess": {"unet": "xl", "controls": [{"config": {**XL, **EIGHTH}, "scale": 0.9, "start": 0.0, "end": 0.9}, {"config": {**XL, **EIGHTH}, "scale": 0.4, "start": 0.0, "end": 1.0}], "guess": True, "guidance": 3.0, "steps": 4, "batch": 2},
    "pipeline-sd-shuffle": {"unet": "sd", "controls": [{"config": {**SMALL, **EIGHTH, "global_pool_conditions": True}, "scale": 1.2, "start": 0.0, "end": 1.0}], "guess": False, "guidance": 5.0, "steps": 3, "batch": 1},
    "pipeline-sd-adapters": {"unet": "sd", "controls": [{"adapter": True, "config": FULL, "scale": 0.9, "start": 0.0, "end": 1.0}, {"adapter": True, "config": {**FULL, "num_res_blocks": 1}, "scale": 0.6, "start": 0.0, "end": 1.0}], "guess": False, "guidance": 4.0, "steps": 3, "batch": 2},
    "pipeline-xl-adapter": {"unet": "xl-levels", "controls": [{"adapter": True, "config": FULL_XL, "scale": 1.3, "start": 0.0, "end": 0.75}], "guess": False, "guidance": 3.0, "steps": 5, "batch": 1},
    "pipeline-sd-unguided": {"unet": "sd", "controls": [{"config": {**SMALL, **EIGHTH}, "scale": 1.0, "start": 0.0, "end": 0.5}], "guess": True, "guidance": 1.0, "steps": 4, "batch": 2},
}


def picture(width, height, seed):
    r = np.random.default_rng(seed)
    coarse = Image.fromarray(r.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def run_network(name, config, seed):
    module, kept = fill(ControlNetModel.from_config(config), seed)
    generator = torch.Generator().manual_seed(1000 + seed)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    factor = 2 ** (len(config["conditioning_embedding_out_channels"]) - 1)
    inputs = {"sample": draw(2, config.get("in_channels", 4), 7, 5), "timestep": torch.tensor([501.5]), "encoder_hidden_states": draw(2, 3, config["cross_attention_dim"]),
              "controlnet_cond": torch.rand((2, config.get("conditioning_channels", 3), 7 * factor, 5 * factor), generator=generator)}
    more = {}
    if config.get("addition_embed_type"):
        inputs |= {"text_embeds": draw(2, 5), "time_ids": torch.tensor([[512.0, 768.0, 0.0, 8.0, 512.0, 768.0]] * 2)}
        more["added_cond_kwargs"] = {key: inputs[key] for key in ("text_embeds", "time_ids")}
    down, mid = module(inputs["sample"], inputs["timestep"], inputs["encoder_hidden_states"], inputs["controlnet_cond"], return_dict=False, **more)
    shape = lambda given, size: given.expand(*given.shape[:2], *size)  # pooled ones are one number a channel
    sizes = [x.shape[2:] for x in down]
    if config.get("global_pool_conditions"):
        module.config.global_pool_conditions = False
        plain, plain_mid = module(inputs["sample"], inputs["timestep"], inputs["encoder_hidden_states"], inputs["controlnet_cond"], return_dict=False, **more)
        sizes, mid = [x.shape[2:] for x in plain], shape(mid, plain_mid.shape[2:])
    outputs = {f"down_{index}": shape(value, sizes[index]) for index, value in enumerate(down)} | {"mid": mid}
    tensors = {f"weights/{key}": value for key, value in kept.items()}
    return tensors | {f"in/{key}": value for key, value in inputs.items()} | {f"out/{key}": value for key, value in outputs.items()}


def run_adapter(config, seed):
    module, kept = fill(T2IAdapter.from_config(config), seed)
    factor = module.downscale_factor
    inputs = {"picture": torch.rand((2, config.get("in_channels", 3), 5 * factor, 3 * factor), generator=torch.Generator().manual_seed(1000 + seed))}
    tensors = {f"weights/{key}": value for key, value in kept.items()} | {f"in/{key}": value for key, value in inputs.items()}
    return tensors | {f"out/feature_{index}": value for index, value in enumerate(module(inputs["picture"]))}


NETWORKS_USED = {}


def network(place, make, config):
    """A network of the pipelines; those of the same place have the same weights, so that they are stored once."""
    module, kept = fill(make.from_config(config), 500 + sum(map(ord, place)))
    NETWORKS_USED.update({f"{place}/{key}": value for key, value in kept.items()})
    return module


def run_pipeline(name, case, seed):
    is_xl = case["unet"] != "sd"
    adapts = case["controls"][0].get("adapter", False)
    case["weights"] = f"unet-{case['unet']}"
    unet = network(case["weights"], UNet2DConditionModel, UNETS[case["unet"]])
    nets, pictures, tensors = [], [], {}
    for index, control in enumerate(case["controls"]):
        control["weights"] = f"{'adapter' if adapts else 'control'}{index}-{case['unet']}"
        nets.append(network(control["weights"], T2IAdapter if adapts else ControlNetModel, control["config"]))
        drawn = picture(50 + 7 * index, 45, seed + index)
        pictures.append(drawn.convert("L") if control["config"].get("in_channels") == 1 and adapts else drawn)
        tensors[f"in/picture{index}"] = torch.from_numpy(np.array(pictures[index]).reshape(45, 50 + 7 * index, -1))
    generator = torch.Generator().manual_seed(2000 + seed)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    scheduler = (EulerDiscreteScheduler if is_xl else DDIMScheduler)(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, **({"timestep_spacing": "leading"} if is_xl else {"set_alpha_to_one": False, "clip_sample": False}))
    text = {"prompt_embeds": draw(1, 3, 6), "negative_prompt_embeds": draw(1, 3, 6)}
    if is_xl:
        text |= {"pooled_prompt_embeds": draw(1, 5), "negative_pooled_prompt_embeds": draw(1, 5)}
    several = len(nets) > 1
    together = MultiAdapter if adapts else MultiControlNetModel
    net = together(nets) if several else nets[0]
    empty = dict(vae=None, text_encoder=None, tokenizer=None, unet=unet, scheduler=scheduler, **{"adapter" if adapts else "controlnet": net})
    if adapts and is_xl:
        pipe = StableDiffusionXLAdapterPipeline(**empty, text_encoder_2=None, tokenizer_2=None)
    elif adapts:
        pipe = StableDiffusionAdapterPipeline(**empty, safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    elif is_xl:
        pipe = StableDiffusionXLControlNetPipeline(**empty, text_encoder_2=None, tokenizer_2=None)
    else:
        pipe = StableDiffusionControlNetPipeline(**empty, safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    one = lambda values: values if several else values[0]
    steps, first, calls = [], {}, [0] * len(nets)
    forward = unet.forward

    def watched(*args, **kwargs):
        if not first and not adapts:
            first.update({f"down_{i}": x.detach().clone() for i, x in enumerate(kwargs["down_block_additional_residuals"])}, mid=kwargs["mid_block_additional_residual"].detach().clone())
        return forward(*args, **kwargs)

    unet.forward = watched
    for index, one_net in enumerate([] if adapts else nets):
        def counted(*args, own=one_net.forward, index=index, **kwargs):
            scale = kwargs.get("conditioning_scale", args[4] if len(args) > 4 else 1.0)
            calls[index] += scale != 0
            return own(*args, **kwargs)
        one_net.forward = counted
    scales = one([float(c["scale"]) for c in case["controls"]])
    if adapts:
        how = {"adapter_conditioning_scale": scales, "callback": lambda i, t, latents: steps.append(latents.clone()), "callback_steps": 1}
        if is_xl:
            how["adapter_conditioning_factor"] = case["controls"][0]["end"]
            del how["callback"], how["callback_steps"]
            step = scheduler.step
            scheduler.step = lambda *args, **kwargs: [steps.append(s[0].clone()) or s for s in [step(*args, **kwargs)]][0]
    else:
        how = {"guess_mode": case["guess"], "controlnet_conditioning_scale": scales, "control_guidance_start": one([c["start"] for c in case["controls"]]), "control_guidance_end": one([c["end"] for c in case["controls"]]),
               "callback_on_step_end": lambda p, i, t, k: steps.append(k["latents"].clone()) or {}}
    pipe(image=one(pictures), height=48, width=64, num_inference_steps=case["steps"], guidance_scale=case["guidance"], num_images_per_prompt=case["batch"], generator=torch.Generator().manual_seed(seed), output_type="latent", **how, **text)
    case["scheduler"] = {"_class_name": type(scheduler).__name__, **{k: v for k, v in scheduler.config.items() if not k.startswith("_")}}
    case["seed"], case["calls"], case["unet_config"] = str(seed), calls, UNETS[case["unet"]]
    tensors |= {f"in/{key}": value for key, value in text.items()} | {f"out/{key}": value for key, value in first.items()}
    return tensors | {f"out/latents.{index + 1}": value for index, value in enumerate(steps)}


@torch.no_grad()
def main(target):
    target = Path(target)
    target.mkdir(exist_ok=True)
    rows = []
    for seed, (name, config) in enumerate(NETWORKS.items(), 1):
        tensors = run_network(name, config, seed)
        rows.append({"id": name, "kind": "controlnet", "config": config})
        save(target, name, tensors)
    for seed, (name, config) in enumerate(ADAPTERS.items(), 30):
        rows.append({"id": name, "kind": "t2iAdapter", "config": config})
        save(target, name, run_adapter(config, seed))
    for seed, (name, case) in enumerate(PIPELINES.items(), 50):
        tensors = run_pipeline(name, case, seed)
        rows.append({"id": name, "kind": "pipeline", **case})
        save(target, name, tensors)
    save_file({key: value.contiguous() for key, value in NETWORKS_USED.items()}, target / "networks.safetensors")
    (target / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def save(target, name, tensors):
    out = {key: value for key, value in tensors.items() if key.startswith("out/")}
    assert all(bool(torch.isfinite(value).all()) for value in out.values()), name
    save_file({key: value.contiguous() for key, value in tensors.items()}, target / f"{name}.safetensors")
    print(name, {key: (list(value.shape), round(float(value.abs().max()), 3)) for key, value in out.items()})


if __name__ == "__main__":
    main(sys.argv[1])
