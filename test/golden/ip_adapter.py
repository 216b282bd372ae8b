"""What diffusers computes with tiny IP-Adapters and CLIP vision encoders of random weights.

    pip install torch diffusers transformers safetensors pillow accelerate
    python test/golden/ip_adapter.py test/golden/ip-adapter

`image_encoder/` and `image_encoder-gelu/` are CLIPVisionModelWithProjection folders, `ADAPTER.safetensors` files as they are published
(`image_proj.*`, `ip_adapter.*`). cases.jsonl lists pipelines: the U-Net's config and where its weights are in networks.safetensors, the adapters with
scale, start and end, guidance, steps, scheduler; ID.safetensors holds `in/picture0` … (uint8 [height, width, channels]), `in/prompt_embeds` …, `out/pixels`
(the first picture as the encoder is given it), `out/tokens0` … and `out/without0` … (what the U-Net attends to, projected), and the latents after each
step. Weights are float16, widened and computed with on one thread. Made with torch 2.15.0, diffusers 0.42.1, transformers 5.24.0.
"""
import json
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
SMALL = {"block_out_channels": [4, 8], "layers_per_block": 1, "norm_num_groups": 2, "cross_attention_dim": 6, "attention_head_dim": 2,
         "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
XL = {**SMALL, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"], "addition_embed_type": "text_time",
      "addition_time_embed_dim": 6, "projection_class_embeddings_input_dim": 5 + 6 * 6, "transformer_layers_per_block": [1, 2], "use_linear_projection": True}
UNETS = {"sd": SMALL, "xl": XL}
VISION = {"hidden_size": 16, "intermediate_size": 24, "projection_dim": 10, "num_hidden_layers": 3, "num_attention_heads": 4, "image_size": 24, "patch_size": 8}
ENCODERS = {"image_encoder": VISION, "image_encoder-gelu": {**VISION, "hidden_act": "gelu", "image_size": 16, "projection_dim": 14, "layer_norm_eps": 1e-3}}
ADAPTERS = {
    "base-sd": {"unet": "sd", "kind": "base", "encoder": "image_encoder"},
    "plus-sd": {"unet": "sd", "kind": "plus", "encoder": "image_encoder"},
    "full-sd": {"unet": "sd", "kind": "full", "encoder": "image_encoder"},
    "base-xl": {"unet": "xl", "kind": "base", "encoder": "image_encoder-gelu"},
    "plus-xl": {"unet": "xl", "kind": "plus", "encoder": "image_encoder-gelu"},
}
PIPELINES = {
    "one": {"unet": "sd", "adapters": [{"file": "base-sd", "scale": 0.7}], "guidance": 4.0, "steps": 3, "batch": 1},
    "two": {"unet": "sd", "adapters": [{"file": "base-sd", "scale": 0.5}, {"file": "plus-sd", "scale": 1.2}], "guidance": 3.0, "steps": 3, "batch": 2},
    "full": {"unet": "sd", "adapters": [{"file": "full-sd", "scale": 1.0}], "guidance": 5.0, "steps": 2, "batch": 1},
    "window": {"unet": "sd", "adapters": [{"file": "plus-sd", "scale": 0.9, "start": 0.25, "end": 0.75}], "guidance": 3.0, "steps": 4, "batch": 1},
    "unguided": {"unet": "xl", "adapters": [{"file": "base-xl", "scale": 0.8}], "guidance": 1.0, "steps": 2, "batch": 2},
    "xl": {"unet": "xl", "adapters": [{"file": "plus-xl", "scale": 0.6}], "guidance": 4.0, "steps": 3, "batch": 1},
}


def fill(module, seed):
    """Random weights that keep the size of what flows through, already rounded to what the file will hold."""
    generator, kept = torch.Generator().manual_seed(seed), {}
    module = module.eval().float()
    for name, value in module.state_dict().items():
        if not value.is_floating_point():
            continue
        kept[name] = drawn(name, value.shape, generator)
        value.copy_(kept[name].float())
    return module, kept


def drawn(name, shape, generator):
    noise = torch.randn(shape, generator=generator)
    if ("norm" in name.lower() or "layrnorm" in name or ".ln" in name) and name.endswith("weight"):
        return (1 + 0.3 * noise).half()
    return (noise / noise[0].numel() ** 0.5 if noise.dim() > 1 else 0.3 * noise).half()


def make_adapter(case, unet, seed):
    generator = torch.Generator().manual_seed(seed)
    vision, width = ENCODERS[case["encoder"]], UNETS[case["unet"]]["cross_attention_dim"]
    hidden, tensors = vision["hidden_size"], {}
    put = lambda name, *shape: tensors.update({name: drawn(name, shape, generator)})
    if case["kind"] == "base":
        put("image_proj.proj.weight", 4 * width, vision["projection_dim"])
        put("image_proj.proj.bias", 4 * width)
        put("image_proj.norm.weight", width)
        put("image_proj.norm.bias", width)
    elif case["kind"] == "full":
        put("image_proj.proj.0.weight", hidden, hidden)
        put("image_proj.proj.0.bias", hidden)
        put("image_proj.proj.2.weight", width, hidden)
        put("image_proj.proj.2.bias", width)
        put("image_proj.proj.3.weight", width)
        put("image_proj.proj.3.bias", width)
    else:
        inner = 12
        put("image_proj.latents", 1, 5, inner)
        put("image_proj.proj_in.weight", inner, hidden)
        put("image_proj.proj_in.bias", inner)
        put("image_proj.proj_out.weight", width, inner)
        put("image_proj.proj_out.bias", width)
        put("image_proj.norm_out.weight", width)
        put("image_proj.norm_out.bias", width)
        for layer in range(4):
            at = f"image_proj.layers.{layer}"
            for norm in ("0.norm1", "0.norm2", "1.0"):
                tensors[f"{at}.{norm}.weight"] = (1 + 0.3 * torch.randn(inner, generator=generator)).half()
                put(f"{at}.{norm}.bias", inner)
            put(f"{at}.0.to_q.weight", 128, inner)
            put(f"{at}.0.to_kv.weight", 256, inner)
            put(f"{at}.0.to_out.weight", inner, 128)
            put(f"{at}.1.1.weight", 4 * inner, inner)
            put(f"{at}.1.3.weight", inner, 4 * inner)
    key = 1
    for name in unet.attn_processors:
        if name.endswith("attn1.processor"):
            continue
        attention = unet.get_submodule(name.removesuffix(".processor"))
        for part in ("k", "v"):
            put(f"ip_adapter.{key}.to_{part}_ip.weight", attention.to_k.weight.shape[0], width)
        key += 2
    return tensors


def picture(width, height, seed):
    r = np.random.default_rng(seed)
    return Image.fromarray(r.integers(0, 256, (5, 6, 3), dtype=np.uint8)).resize((width, height), Image.Resampling.BICUBIC)


def run_pipeline(target, case, networks, seed):
    is_xl = case["unet"] == "xl"
    unet, kept = fill(UNet2DConditionModel.from_config(UNETS[case["unet"]]), 40 + is_xl)
    case["weights"] = f"unet-{case['unet']}"
    networks.update({f"{case['weights']}/{key}": value for key, value in kept.items()})
    generator = torch.Generator().manual_seed(2000 + seed)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    scheduler = (EulerDiscreteScheduler if is_xl else DDIMScheduler)(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, **({"timestep_spacing": "leading"} if is_xl else {"set_alpha_to_one": False, "clip_sample": False}))
    text = {"prompt_embeds": draw(1, 3, 6), "negative_prompt_embeds": draw(1, 3, 6)}
    if is_xl:
        text |= {"pooled_prompt_embeds": draw(1, 5), "negative_pooled_prompt_embeds": draw(1, 5)}
        pipe = StableDiffusionXLPipeline(vae=None, text_encoder=None, tokenizer=None, text_encoder_2=None, tokenizer_2=None, unet=unet, scheduler=scheduler)
    else:
        pipe = StableDiffusionPipeline(vae=None, text_encoder=None, tokenizer=None, unet=unet, scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    files = [f"{one['file']}.safetensors" for one in case["adapters"]]
    encoder = ADAPTERS[case["adapters"][0]["file"]]["encoder"]
    pipe.load_ip_adapter([str(target)] * len(files), subfolder=[""] * len(files), weight_name=files, image_encoder_folder=encoder)
    pictures = [picture(50 + 7 * index, 37 + 20 * index, seed + index) for index in range(len(files))]
    tensors = {f"in/picture{index}": torch.from_numpy(np.array(one)) for index, one in enumerate(pictures)}
    tensors |= {f"in/{key}": value for key, value in text.items()}
    tensors["out/pixels"] = pipe.feature_extractor(pictures[0], return_tensors="pt").pixel_values
    embeds = pipe.prepare_ip_adapter_image_embeds(pictures, None, "cpu", 1, True)
    for index, projected in enumerate(pipe.unet.encoder_hid_proj(embeds)):
        tensors[f"out/without{index}"], tensors[f"out/tokens{index}"] = projected[0], projected[1]
    steps, total = [], case["steps"]

    def scale_at(step):
        acts = lambda one: not (step / total < one.get("start", 0.0) or (step + 1) / total > one.get("end", 1.0))
        pipe.set_ip_adapter_scale([one["scale"] if acts(one) else 0.0 for one in case["adapters"]])

    def after(p, step, t, given):
        steps.append(given["latents"].clone())
        scale_at(step + 1)
        return {}

    scale_at(0)
    pipe(ip_adapter_image=pictures, height=48, width=64, num_inference_steps=total, guidance_scale=case["guidance"], num_images_per_prompt=case["batch"], generator=torch.Generator().manual_seed(seed), output_type="latent", callback_on_step_end=after, **text)
    case["scheduler"] = {"_class_name": type(scheduler).__name__, **{k: v for k, v in scheduler.config.items() if not k.startswith("_")}}
    case["seed"], case["unet_config"], case["encoder"] = str(seed), UNETS[case["unet"]], encoder
    return tensors | {f"out/latents.{index + 1}": value for index, value in enumerate(steps)}


@torch.no_grad()
def main(target):
    target = Path(target)
    if target.exists():
        shutil.rmtree(target)
    target.mkdir()
    for seed, (name, config) in enumerate(ENCODERS.items(), 31):
        fill(CLIPVisionModelWithProjection(CLIPVisionConfig(**config)), seed)[0].half().save_pretrained(target / name)
    for seed, (name, case) in enumerate(ADAPTERS.items(), 51):
        save_file(make_adapter(case, UNet2DConditionModel.from_config(UNETS[case["unet"]]), seed), target / f"{name}.safetensors")
    rows, networks = [], {}
    for seed, (name, case) in enumerate(PIPELINES.items(), 71):
        tensors = run_pipeline(target, case, networks, seed)
        save_file({key: value.contiguous() for key, value in tensors.items()}, target / f"{name}.safetensors")
        rows.append({"id": name, **case})
        print(name, {key: round(float(value.float().abs().max()), 3) for key, value in tensors.items() if key.startswith("out/")})
    save_file(networks, target / "networks.safetensors")
    (target / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    # For a pipeline that lies beside this one, in onnx-folders/sd.
    beside = UNet2DConditionModel.from_pretrained(target.parent / "onnx-folders" / "sd" / "unet")
    UNETS["beside"] = {"cross_attention_dim": 8}
    save_file(make_adapter({"unet": "beside", "kind": "base", "encoder": "image_encoder"}, beside, 99), target / "for-sd-folder.safetensors")


main(sys.argv[1])
