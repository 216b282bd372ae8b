"""What LyCORIS, PEFT and diffusers make of a tiny U-Net with LoRAs of every kind that is read, at two strengths:

    pip install torch diffusers peft lycoris-lora einops safetensors
    python test/golden/lora.py test/golden/lora [KIND …]

unet.safetensors holds the U-Net's weights, `in/NAME` and, without any LoRA, `out/sample`; config.json its config. ID.safetensors is a
LoRA as people have it, ID.expected.safetensors what the U-Net then gives: `out/0` … for the strengths of cases.jsonl;
mixes.expected.safetensors what it gives with several of them, one after the other as mixes.jsonl says (KIND mixes). Computed in float32 on
one thread. Made with torch 2.15.0, diffusers 0.42.1, peft 0.21.2, lycoris-lora 4.1.3.
"""
import copy
import json
import sys
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from peft import LoraConfig, get_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import save_file

torch.set_num_threads(1)
CONFIG = {
    "block_out_channels": [8, 12], "layers_per_block": 1, "norm_num_groups": 4, "cross_attention_dim": 6, "attention_head_dim": 2,
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
}
STRENGTHS = [1.0, -0.6]
LINEAR = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "time_emb_proj")
CONV = ("conv1", "conv2", "downsamplers.0.conv", "upsamplers.0.conv", "conv_shortcut", "proj_in", "proj_out", "conv_out")
PLACES = ("down_blocks.0.", "down_blocks.1.resnets.0.conv_shortcut", "up_blocks.0.upsamplers.", "conv_out")

# Class, what it is made with, how it is stored.
LYCORIS = {
    "lora-conv": (LoConModule, {"lora_dim": 3, "alpha": 2}, torch.float16),
    "locon-tucker": (LoConModule, {"lora_dim": 3, "alpha": 1.5, "use_tucker": True}, torch.bfloat16),
    "loha": (LohaModule, {"lora_dim": 2, "alpha": 1}, torch.float32),
    "loha-tucker": (LohaModule, {"lora_dim": 2, "alpha": 1, "use_tucker": True}, torch.float16),
    "lokr": (LokrModule, {"lora_dim": 1, "alpha": 0.5}, torch.float16),
    "lokr-whole": (LokrModule, {"lora_dim": 99, "alpha": 7, "full_matrix": True}, torch.float32),
    "lokr-both": (LokrModule, {"lora_dim": 1, "alpha": 2, "decompose_both": True, "factor": 4}, torch.float32),
    "lokr-tucker": (LokrModule, {"lora_dim": 1, "alpha": 2, "use_tucker": True}, torch.bfloat16),
    # LyCORIS gives DoRA's strength another meaning than PEFT, whose the graphs have: the two agree at 1.
    "dora-columns": (LoConModule, {"lora_dim": 2, "alpha": 2, "weight_decompose": True, "wd_on_out": False}, torch.float32),
    "loha-dora": (LohaModule, {"lora_dim": 2, "alpha": 2, "weight_decompose": True}, torch.float32),
}


def targets(unet):
    for name, module in unet.named_modules():
        if name.startswith(PLACES) and name.endswith(LINEAR + CONV):
            yield name, module


def run(unet, inputs):
    with torch.no_grad():
        return unet(**inputs).sample


def make_lycoris(unet, kind, seed):
    cls, options, dtype = LYCORIS[kind]
    generator = torch.Generator().manual_seed(seed)
    changed = copy.deepcopy(unet)
    state, modules = {}, []
    for name, module in targets(changed):
        wrapped = cls("lora_unet_" + name.replace(".", "_"), module, **options)
        with torch.no_grad():
            for key, value in wrapped.named_parameters():
                if key.startswith("org_module") or "dora_scale" in key:
                    continue
                value.copy_((torch.randn(value.shape, generator=generator) * 0.5).to(dtype))
            if hasattr(wrapped, "dora_scale"):
                wrapped.dora_scale.mul_(1 + 0.2 * torch.randn(wrapped.dora_scale.shape, generator=generator)).copy_(wrapped.dora_scale.to(dtype))
        for key, value in wrapped.state_dict().items():
            if not key.startswith("org_module") and key != "scalar":
                state[f"{wrapped.lora_name}.{key}"] = value.detach().to(dtype).contiguous().clone()
        # Its forward pass; its merging (4.1.3) multiplies LoHa and LoKr by their scale twice.
        wrapped.apply_to()
        modules.append(wrapped)
    outs = []
    for strength in [1.0] if "dora" in kind else STRENGTHS:
        for wrapped in modules:
            wrapped.multiplier = strength
        outs.append((strength, run(changed, INPUTS)))
    return state, outs


def make_dora(unet, seed):
    """PEFT's DoRA in diffusers' file layout, loaded by diffusers."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, module in targets(unet):
        weight = module.weight
        rank = 2
        down = torch.randn((rank, *weight.shape[1:]), generator=generator) * 0.35
        up = torch.randn((weight.shape[0], rank, *([1, 1] if weight.ndim == 4 else [])), generator=generator) * 0.35
        length = weight.flatten(1).norm(dim=1) * (1 + 0.2 * torch.randn(weight.shape[0], generator=generator))
        state[f"{name}.lora_A.weight"] = down
        state[f"{name}.lora_B.weight"] = up
        state[f"{name}.lora_magnitude_vector"] = length if weight.ndim == 2 else length.reshape(1, -1, 1, 1)
    changed = copy.deepcopy(unet)
    changed.load_lora_adapter(dict(state), prefix=None, adapter_name="one")
    outs = []
    for strength in STRENGTHS:
        changed.set_adapters(["one"], [strength])
        outs.append((strength, run(changed, INPUTS)))
    return {f"unet.{key}": value.detach().contiguous().clone() for key, value in state.items()}, outs


def make_rslora(unet, seed):
    """PEFT's rank-stabilised LoRA with ranks and alphas of its own for some layers, as diffusers saves it: with its settings beside it."""
    generator = torch.Generator().manual_seed(seed)
    changed = copy.deepcopy(unet)
    names = [name for name, _ in targets(unet)]
    config = LoraConfig(r=4, lora_alpha=2, target_modules=names, rank_pattern={"to_k": 2}, alpha_pattern={"to_v": 3}, use_rslora=True)
    changed.add_adapter(config, adapter_name="one")
    with torch.no_grad():
        for name, value in changed.named_parameters():
            if "lora_" in name:
                value.copy_((torch.randn(value.shape, generator=generator) * 0.25).half())
    METADATA["rslora-peft"] = {"lora_adapter_metadata": json.dumps({f"unet.{k}": v for k, v in config.to_dict().items() if isinstance(v, (int, float, bool, dict))}, sort_keys=True)}
    state = {f"unet.{key}": value.half().contiguous() for key, value in get_peft_model_state_dict(changed, adapter_name="one").items()}
    outs = []
    for strength in STRENGTHS:
        changed.set_adapters(["one"], [strength])
        outs.append((strength, run(changed, INPUTS)))
    return state, outs


# LoRAs as they follow each other, and their strengths: where a DoRA is among them, PEFT's sum depends on the order.
MIXES = [
    {"ids": ["rslora-peft", "dora-peft"], "strengths": [0.7, 0.8]},
    {"ids": ["dora-peft", "rslora-peft"], "strengths": [0.8, 0.7]},
    {"ids": ["rslora-peft", "dora-peft", "dora-peft"], "strengths": [-0.4, 1.2, 0.5]},
    {"ids": ["dora-peft", "rslora-peft", "dora-peft"], "strengths": [1.2, -0.4, 0]},
]


def make_mixes(unet, folder):
    """MIXES of the files in the folder, as diffusers loads them."""
    outs = {}
    for index, mix in enumerate(MIXES):
        changed = copy.deepcopy(unet)
        names = [f"a{place}" for place in range(len(mix["ids"]))]
        for name, kind in zip(names, mix["ids"]):
            with safe_open(folder / f"{kind}.safetensors", "pt") as file:
                state = {key: file.get_tensor(key) for key in file.keys()}
                settings = json.loads((file.metadata() or {}).get("lora_adapter_metadata", "null"))
            if settings is not None:
                settings["unet.target_modules"] = [layer for layer, _ in targets(unet)]
            changed.load_lora_adapter(state, prefix="unet", adapter_name=name, metadata=settings)
        changed.set_adapters(names, mix["strengths"])
        outs[f"out/{index}"] = run(changed, INPUTS)
    save_file(outs, folder / "mixes.expected.safetensors")
    (folder / "mixes.jsonl").write_text("".join(json.dumps(mix) + "\n" for mix in MIXES))


METADATA = {}


def main(out, only):
    out.mkdir(parents=True, exist_ok=True)
    makers = {"dora-peft": make_dora, "rslora-peft": make_rslora}
    with (out / "cases.jsonl").open("a" if only else "w") as lines:
        for seed, kind in enumerate([*LYCORIS, *makers]):
            if only and kind not in only:
                continue
            state, outs = makers[kind](UNET, seed) if kind in makers else make_lycoris(UNET, kind, seed)
            for _, sample in outs:
                assert (sample - PLAIN).abs().max() > 0.02, (kind, (sample - PLAIN).abs().max())
            save_file(state, out / f"{kind}.safetensors", metadata={"format": "pt", **METADATA.get(kind, {})})
            save_file({f"out/{i}": sample for i, (_, sample) in enumerate(outs)}, out / f"{kind}.expected.safetensors")
            lines.write(json.dumps({"id": kind, "strengths": [strength for strength, _ in outs]}) + "\n")
    if not only or "mixes" in only:
        make_mixes(UNET, out)
    (out / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    save_file({**UNET.half().state_dict(), **{f"in/{k}": v.float() for k, v in INPUTS.items()}, "out/sample": PLAIN}, out / "unet.safetensors")


torch.manual_seed(0)
UNET = UNet2DConditionModel(**CONFIG).eval()
with torch.no_grad():
    for value in UNET.parameters():
        value.copy_((value + 0.05 * torch.randn(value.shape)).half())
INPUTS = {"sample": torch.randn(2, 4, 6, 8), "timestep": torch.tensor([321.0]), "encoder_hidden_states": torch.randn(2, 5, 6)}
PLAIN = run(UNET, INPUTS)
main(Path(sys.argv[1]), sys.argv[2:])
