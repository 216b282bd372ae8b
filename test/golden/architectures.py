"""What diffusers and transformers compute with tiny networks of random weights, one for every option that the graph builders take:

    pip install torch diffusers transformers safetensors
    python test/golden/architectures.py test/golden/architectures

cases.jsonl lists the cases: id, kind, config as config.json has it. ID.safetensors holds `weights/NAME` as a checkpoint stores them,
`in/NAME` and `out/NAME` (float32, ids int32). All weights are widened to float32 and computed with on one thread; `mixed` stores its
tensors in every float type that weights may have. Made with torch 2.15.0, diffusers 0.42.1, transformers 5.24.0.
"""
import json
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, CLIPTextConfig, CLIPTextModelWithProjection

torch.set_num_threads(1)
MIXED = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.float8_e4m3fn, torch.float8_e5m2]
BOTH = {"down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
CROSS = {"down_block_types": ["CrossAttnDownBlock2D"] * 2, "up_block_types": ["CrossAttnUpBlock2D"] * 2}
PLAIN = {"down_block_types": ["DownBlock2D"] * 2, "up_block_types": ["UpBlock2D"] * 2}
SMALL = {"block_out_channels": [4, 8], "layers_per_block": 1, "norm_num_groups": 2, "cross_attention_dim": 6, "attention_head_dim": 2}

UNETS = {
    "unet-defaults": {**SMALL, **BOTH},
    "unet-deepfloyd": {
        **SMALL, "down_block_types": ["UNetResDownBlock2D", "UNetResCrossAttnDownBlock2D"], "up_block_types": ["UNetResCrossAttnUpBlock2D", "UNetResUpBlock2D"],
        "resnet_time_scale_shift": "scale_shift", "encoder_hid_dim": 10, "encoder_hid_dim_type": "text_proj", "addition_embed_type": "text",
        "addition_embed_type_num_heads": 5, "act_fn": "gelu", "time_embedding_act_fn": "gelu", "timestep_post_act": "mish", "conv_in_kernel": 1, "conv_out_kernel": 5, "out_channels": 8,
    },
    "unet-no-middle": {
        **SMALL, **PLAIN, "mid_block_type": None, "num_class_embeds": 5, "flip_sin_to_cos": False, "freq_shift": 1, "center_input_sample": True, "downsample_padding": 0,
    },
    "unet-plain-middle": {**SMALL, **PLAIN, "mid_block_type": "UNetMidBlock2D", "mid_block_scale_factor": 1.4142, "class_embed_type": "timestep", "act_fn": "mish", "norm_eps": 1e-3},
    "unet-only-cross": {
        **SMALL, **CROSS, "class_embed_type": "identity", "only_cross_attention": [True, False], "layers_per_block": [2, 1], "attention_head_dim": [2, 3], "encoder_hid_dim": 7, "mid_block_scale_factor": 2.5,
    },
    "unet-asymmetric": {
        **SMALL, **CROSS, "class_embed_type": "projection", "projection_class_embeddings_input_dim": 9, "transformer_layers_per_block": [[1, 2], [2, 0]],
        "reverse_transformer_layers_per_block": [[1, 0, 2], [1, 1, 2]], "layers_per_block": 2, "use_linear_projection": True, "only_cross_attention": True,
    },
    "unet-sdxl": {
        **SMALL, **BOTH, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"], "addition_embed_type": "text_time", "addition_time_embed_dim": 6,
        "projection_class_embeddings_input_dim": 5 + 6 * 6, "transformer_layers_per_block": [0, 2], "reverse_transformer_layers_per_block": [3, 1], "use_linear_projection": True, "cross_attention_dim": [6, 6],
    },
    "unet-lcm": {**SMALL, **BOTH, "class_embed_type": "simple_projection", "projection_class_embeddings_input_dim": 3, "time_cond_proj_dim": 7, "time_embedding_dim": 12, "act_fn": "relu", "conv_in_kernel": 7},
    "unet-odd": {
        "block_out_channels": [5], "norm_num_groups": 5, "layers_per_block": 1, "cross_attention_dim": 4, "attention_head_dim": 1, "in_channels": 9, "out_channels": 3, "act_fn": "swish", "conv_out_kernel": 1,
        "down_block_types": ["CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D"],
    },
    "unet-mixed": {**SMALL, **BOTH},
    "unet-three-levels": {
        "block_out_channels": [4, 4, 8], "layers_per_block": 1, "norm_num_groups": 4, "cross_attention_dim": 4, "attention_head_dim": 1, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "conv_in_kernel": 5, "conv_out_kernel": 7,
    },
}

AUTOENCODERS = {
    "vae-attention": {"block_out_channels": [4, 8], "layers_per_block": 1, "norm_num_groups": 2, "latent_channels": 3},
    "vae-bare": {
        "block_out_channels": [4, 4, 8], "layers_per_block": 2, "norm_num_groups": 4, "latent_channels": 16, "mid_block_add_attention": False, "use_quant_conv": False, "use_post_quant_conv": False,
        "scaling_factor": 1.5305, "shift_factor": 0.0609, "act_fn": "relu", "in_channels": 4, "out_channels": 1,
    },
    "vae-one-level": {"block_out_channels": [8], "norm_num_groups": 8, "act_fn": "mish", "use_quant_conv": False},
    "vae-gelu": {"block_out_channels": [4, 4], "norm_num_groups": 1, "act_fn": "gelu", "use_post_quant_conv": False},
}
for config in AUTOENCODERS.values():
    levels = len(config["block_out_channels"])
    config.update(down_block_types=["DownEncoderBlock2D"] * levels, up_block_types=["UpDecoderBlock2D"] * levels)

TEXT = {"hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 3, "vocab_size": 20}
ACTIVATIONS = ["silu", "swish", "gelu", "quick_gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "mish"]
# Rows with several end tokens, with none, and with a token of a higher id after the end.
IDS = [[0, 7, 3, 18, 19, 5, 18], [0, 1, 2, 3, 4, 5, 6], [18, 18, 19, 19, 1, 2, 3]]
CLIPS = {
    "clip-largest-id": {**TEXT, "num_hidden_layers": 3, "projection_dim": 5, "eos_token_id": 2, "max_position_embeddings": 7, "layer_norm_eps": 1e-3},
    "clip-first-end": {**TEXT, "num_hidden_layers": 2, "projection_dim": 12, "eos_token_id": 18, "max_position_embeddings": 11, "hidden_act": "gelu"},
    **{f"clip-{name}": {**TEXT, "projection_dim": 4, "eos_token_id": 19, "max_position_embeddings": 7, "hidden_act": name} for name in ACTIVATIONS},
}
BERTS = {
    "bert-defaults": {**TEXT, "num_hidden_layers": 2, "max_position_embeddings": 9},
    "bert-longest": {**TEXT, "max_position_embeddings": 7, "type_vocab_size": 1, "hidden_act": "gelu_new", "layer_norm_eps": 1e-3},
}


def fill(module, generator):
    """Random weights that keep the size of what flows through, already rounded to what the file will hold."""
    mixed = 0
    for name, value in module.state_dict().items():
        if not value.is_floating_point():
            continue
        noise = torch.randn(value.shape, generator=generator)
        if "norm" in name.lower() and name.endswith("weight"):
            filled = 1 + 0.3 * noise
        elif value.dim() > 1:
            filled = noise / value[0].numel() ** 0.5
        else:
            filled = 0.3 * noise
        stored = MIXED[mixed % len(MIXED)] if module.mixed else torch.float16
        mixed += 1
        value.copy_(filled.to(stored).float())
        module.kept[name] = filled.to(stored)


def prepare(module, seed, mixed=False):
    module = module.eval().float()
    module.kept, module.mixed = {}, mixed
    fill(module, torch.Generator().manual_seed(seed))
    return module


def unet_inputs(config, draw):
    width = config.get("encoder_hid_dim") or config["cross_attention_dim"]
    width = width[0] if isinstance(width, list) else width
    inputs = {
        "sample": draw(2, config.get("in_channels", 4), 7, 5),
        "timestep": torch.tensor([981.0, 12.25]) if config["block_out_channels"] == [5] else torch.tensor([501.5]),
        "encoder_hidden_states": draw(2, 3, width),
    }
    kind = config.get("class_embed_type")
    time_width = config.get("time_embedding_dim") or 4 * config["block_out_channels"][0]
    if config.get("num_class_embeds"):
        inputs["class_labels"] = torch.tensor([4, 1], dtype=torch.int32)
    elif kind == "timestep":
        inputs["class_labels"] = torch.tensor([3.0, 250.5])
    elif kind is not None:
        inputs["class_labels"] = draw(2, time_width if kind == "identity" else config["projection_class_embeddings_input_dim"])
    if config.get("addition_embed_type") == "text_time":
        inputs["text_embeds"] = draw(2, 5)
        inputs["time_ids"] = torch.tensor([[512.0, 768.0, 0.0, 8.0, 512.0, 768.0]] * 2)
    if config.get("time_cond_proj_dim"):
        inputs["timestep_cond"] = draw(2, config["time_cond_proj_dim"])
    return inputs


def run_unet(module, inputs):
    more = {key: inputs[key] for key in ("class_labels", "timestep_cond") if key in inputs}
    if "text_embeds" in inputs:
        more["added_cond_kwargs"] = {"text_embeds": inputs["text_embeds"], "time_ids": inputs["time_ids"]}
    return {"out_sample": module(inputs["sample"], inputs["timestep"], inputs["encoder_hidden_states"], **more).sample}


def run_autoencoder(module, inputs):
    posterior = module.encode(inputs["sample"]).latent_dist
    return {"mean": posterior.mean, "std": posterior.std, "sample": module.decode(inputs["latent_sample"]).sample}


def run_clip(module, inputs):
    given = module(input_ids=inputs["input_ids"].long(), output_hidden_states=True)
    text = getattr(module, "text_model", module)
    out = {"pooler_output": text(input_ids=inputs["input_ids"].long()).pooler_output, "text_embeds": given.text_embeds}
    norm = text.final_layer_norm
    for layer, state in enumerate(given.hidden_states):
        out[f"hidden_states.{layer}"], out[f"hidden_states.{layer}.norm"] = state, norm(state)
    return out


@torch.no_grad()
def main(target):
    target = Path(target)
    rows, seed = [], 0
    every = [("unet", UNETS), ("vae", AUTOENCODERS), ("clip", CLIPS), ("bert", BERTS)]
    for kind, configs in every:
        for name, config in configs.items():
            seed += 1
            generator = torch.Generator().manual_seed(1000 + seed)
            draw = lambda *shape: torch.randn(shape, generator=generator)
            if kind == "unet":
                module = prepare(UNet2DConditionModel.from_config(config), seed, name == "unet-mixed")
                inputs = unet_inputs(config, draw)
                outputs = run_unet(module, inputs)
            elif kind == "vae":
                module = prepare(AutoencoderKL.from_config(config), seed)
                inputs = {"sample": draw(2, config.get("in_channels", 3), 13, 10), "latent_sample": draw(2, config.get("latent_channels", 4), 5, 3)}
                outputs = run_autoencoder(module, inputs)
            elif kind == "clip":
                module = prepare(CLIPTextModelWithProjection(CLIPTextConfig(**config)), seed)
                inputs = {"input_ids": torch.tensor(IDS, dtype=torch.int32)}
                outputs = run_clip(module, inputs)
            else:
                module = prepare(BertModel(BertConfig(**config), add_pooling_layer=False), seed)
                mask = torch.tensor([[1] * 7, [1, 1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]], dtype=torch.int32)
                inputs = {"input_ids": torch.tensor(IDS, dtype=torch.int32), "attention_mask": mask}
                outputs = {"last_hidden_state": module(input_ids=inputs["input_ids"].long(), attention_mask=mask.long()).last_hidden_state}
            tensors = {f"weights/{key}": value for key, value in module.kept.items()}
            tensors |= {f"in/{key}": value for key, value in inputs.items()} | {f"out/{key}": value for key, value in outputs.items()}
            assert all(bool(torch.isfinite(value).all()) for value in outputs.values()), name
            save_file({key: value.contiguous() for key, value in tensors.items()}, target / f"{name}.safetensors")
            rows.append({"id": name, "kind": kind, "config": config})
            print(name, sum(value.numel() for value in module.kept.values()), {key: round(float(value.abs().max()), 3) for key, value in outputs.items()})
    (target / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


main(sys.argv[1])
