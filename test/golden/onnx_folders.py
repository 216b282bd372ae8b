"""Tiny pipelines of random weights as safetensors and as ONNX, in the two layouts that people have:

    pip install torch diffusers transformers safetensors onnx
    python test/golden/onnx_folders.py test/golden/onnx-folders

`sd/` and `sdxl/` are diffusers folders. `sd-onnx/` is what diffusers' scripts/convert_stable_diffusion_checkpoint_to_onnx.py makes of the
first: no configs, the U-Net's weights in weights.pb. `sd-half-onnx/` is its U-Net with halves in and out. `sdxl-onnx/` is what optimum makes of
the second: configs, hidden states as outputs, the U-Net's weights in model.onnx_data, whole timesteps. `nets/` are single graphs from picture to
picture. Made with torch 2.15.0, diffusers 0.42.1, transformers 5.24.0, onnx 1.23.
"""
import json
import shutil
import sys
import warnings
from pathlib import Path

import onnx
import torch
from diffusers import (AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline,
                       UNet2DConditionModel)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
SMALL = {"block_out_channels": [4], "layers_per_block": 1, "norm_num_groups": 2, "attention_head_dim": 2, "sample_size": 8}
UNET = {**SMALL, "cross_attention_dim": 8, "down_block_types": ["CrossAttnDownBlock2D"], "up_block_types": ["UpBlock2D"]}
XL = {**UNET, "cross_attention_dim": 20, "addition_embed_type": "text_time", "addition_time_embed_dim": 6, "projection_class_embeddings_input_dim": 6 + 6 * 6, "use_linear_projection": True}
VAE = {"block_out_channels": [2, 2, 2, 4], "norm_num_groups": 2, "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4, "sample_size": 64}
TEXT = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 77, "projection_dim": 6}
LETTERS = "abcdefghijklmnopqrstuvwxyz,.!"


def make_tokenizer(folder):
    folder.mkdir(parents=True)
    merges = ["f o", "fo x</w>", "o w", "ow l</w>", "a n</w>"]
    words = [*LETTERS, *[f"{letter}</w>" for letter in LETTERS], *[merge.replace(" ", "") for merge in merges], "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: index for index, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 77, "tokenizer_class": "CLIPTokenizer", "pad_token": "<|endoftext|>", "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}))
    return CLIPTokenizer.from_pretrained(folder), len(words)


def fill(module, seed):
    generator = torch.Generator().manual_seed(seed)
    module = module.eval().float()
    for name, value in module.state_dict().items():
        if not value.is_floating_point():
            continue
        noise = torch.randn(value.shape, generator=generator)
        if "norm" in name.lower() and name.endswith("weight"):
            filled = 1 + 0.3 * noise
        else:
            filled = noise / value[0].numel() ** 0.5 if value.dim() > 1 else 0.3 * noise
        value.copy_(filled.half().float())
    return module


class Wrapped(torch.nn.Module):
    def __init__(self, own, call):
        super().__init__()
        self.own, self.call = own, call

    def forward(self, *inputs):
        return self.call(self.own, *inputs)


def shorten(graph):
    """Names between the nodes are half of a tiny file."""
    kept = {value.name for part in (graph.input, graph.output, graph.initializer) for value in part} | {""}
    short = {}
    for node in graph.node:
        node.doc_string = node.name = ""
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name not in kept:
                    names[index] = short.setdefault(name, f"v{len(short)}")
    del graph.value_info[:]


def export(path, module, call, inputs, outputs, axes, weights=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(Wrapped(module, call), tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs, dynamic_axes=axes, opset_version=17, do_constant_folding=True, dynamo=False)
    model = onnx.load(str(path))
    # Names as an export of the module itself has them.
    for tensor in model.graph.initializer:
        renamed = tensor.name.removeprefix("own.")
        if renamed != tensor.name:
            for node in model.graph.node:
                for index, name in enumerate(node.input):
                    if name == tensor.name:
                        node.input[index] = renamed
            tensor.name = renamed
    shorten(model.graph)
    if weights is None:
        onnx.save(model, str(path))
    else:
        onnx.save_model(model, str(path), save_as_external_data=True, all_tensors_to_one_file=True, location=weights, size_threshold=64)


def export_vae(folder, vae, sampled):
    axes = lambda name: {name: {0: "batch", 1: "channels", 2: "height", 3: "width"}}
    latent, picture = torch.randn(1, 4, 8, 8), torch.randn(1, 3, 64, 64)
    export(folder / "vae_decoder/model.onnx", vae, lambda own, x: own.decode(x).sample, {"latent_sample": latent}, ["sample"], axes("latent_sample"))
    if sampled:
        export(folder / "vae_encoder/model.onnx", vae, lambda own, x: own.encode(x).latent_dist.sample(), {"sample": picture}, ["latent_sample"], axes("sample"))
    else:
        export(folder / "vae_encoder/model.onnx", vae, lambda own, x: own.encode(x).latent_dist.parameters, {"sample": picture}, ["latent_parameters"], axes("sample"))


UNET_AXES = {"sample": {0: "batch", 1: "channels", 2: "height", 3: "width"}, "timestep": {0: "batch"}, "encoder_hidden_states": {0: "batch", 1: "sequence"}}


def make_sd(target):
    tokenizer, words = make_tokenizer(target / "tokenizer-made")
    text = fill(CLIPTextModel(CLIPTextConfig(vocab_size=words, eos_token_id=2, **TEXT)), 1)
    unet, vae = fill(UNet2DConditionModel.from_config(UNET), 2), fill(AutoencoderKL.from_config(VAE), 3)
    scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, set_alpha_to_one=False, clip_sample=False)
    StableDiffusionPipeline(vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False).save_pretrained(target / "sd")
    folder = target / "sd-onnx"
    ids = torch.randint(0, words, (1, 77), dtype=torch.int32)
    export(folder / "text_encoder/model.onnx", text, lambda own, x: tuple(own(input_ids=x)[:2]), {"input_ids": ids}, ["last_hidden_state", "pooler_output"], {"input_ids": {0: "batch", 1: "sequence"}})
    inputs = {"sample": torch.randn(2, 4, 8, 8), "timestep": torch.tensor([1.0, 2.0]), "encoder_hidden_states": torch.randn(2, 77, 8)}
    call = lambda own, x, t, s: own(x, t, s).sample
    export(folder / "unet/model.onnx", unet, call, inputs, ["out_sample"], UNET_AXES, "weights.pb")
    export_vae(folder, vae, True)
    for name in ("tokenizer", "scheduler"):
        shutil.copytree(target / "sd" / name, folder / name)
    index = {"_class_name": "OnnxStableDiffusionPipeline", "_diffusers_version": "0.42.1", "scheduler": ["diffusers", "DDIMScheduler"], "tokenizer": ["transformers", "CLIPTokenizer"], "safety_checker": [None, None], "feature_extractor": [None, None]}
    for name in ("vae_encoder", "vae_decoder", "text_encoder", "unet"):
        index[name] = ["diffusers", "OnnxRuntimeModel"]
    (folder / "model_index.json").write_text(json.dumps(index, indent=2))
    # Of one size, with halves in and out.
    half = {key: value.half() for key, value in inputs.items()}
    export(target / "sd-half-onnx/unet/model.onnx", unet.half(), call, half, ["out_sample"], None)


def make_xl(target):
    tokenizer, words = make_tokenizer(target / "tokenizer-made")
    first = fill(CLIPTextModel(CLIPTextConfig(vocab_size=words, eos_token_id=2, **TEXT)), 11)
    second = fill(CLIPTextModelWithProjection(CLIPTextConfig(vocab_size=words, eos_token_id=2, **{**TEXT, "hidden_size": 12, "hidden_act": "gelu"})), 12)
    unet, vae = fill(UNet2DConditionModel.from_config(XL), 13), fill(AutoencoderKL.from_config({**VAE, "scaling_factor": 0.13025}), 14)
    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading")
    StableDiffusionXLPipeline(vae=vae, text_encoder=first, text_encoder_2=second, tokenizer=tokenizer, tokenizer_2=tokenizer, unet=unet, scheduler=scheduler).save_pretrained(target / "sdxl")
    folder = target / "sdxl-onnx"
    ids = torch.randint(0, words, (1, 77))
    states = [f"hidden_states.{layer}" for layer in range(3)]
    dynamic = {"input_ids": {0: "batch_size", 1: "sequence_length"}}

    def encode(own, x):
        given = own(input_ids=x, output_hidden_states=True)
        heads = (given.text_embeds, given.last_hidden_state) if hasattr(given, "text_embeds") else (given.last_hidden_state, given.pooler_output)
        return heads + tuple(given.hidden_states)

    export(folder / "text_encoder/model.onnx", first, encode, {"input_ids": ids}, ["last_hidden_state", "pooler_output", *states], dynamic)
    export(folder / "text_encoder_2/model.onnx", second, encode, {"input_ids": ids}, ["text_embeds", "last_hidden_state", *states], dynamic)
    inputs = {"sample": torch.randn(2, 4, 8, 8), "timestep": torch.tensor(5), "encoder_hidden_states": torch.randn(2, 77, 20), "text_embeds": torch.randn(2, 6), "time_ids": torch.randn(2, 6)}
    axes = {key: {0: "batch_size"} for key in ("text_embeds", "time_ids")} | {"sample": {0: "batch_size", 2: "height", 3: "width"}, "encoder_hidden_states": {0: "batch_size", 1: "sequence_length"}}
    export(folder / "unet/model.onnx", unet, lambda own, x, t, s, e, i: own(x, t, s, added_cond_kwargs={"text_embeds": e, "time_ids": i}).sample, inputs, ["out_sample"], axes, "model.onnx_data")
    export_vae(folder, vae, False)
    for name in ("tokenizer", "tokenizer_2", "scheduler"):
        shutil.copytree(target / "sdxl" / name, folder / name)
    for part, source in (("unet", "unet"), ("vae_decoder", "vae"), ("vae_encoder", "vae"), ("text_encoder", "text_encoder"), ("text_encoder_2", "text_encoder_2")):
        shutil.copy(target / "sdxl" / source / "config.json", folder / part / "config.json")
    shutil.copy(target / "sdxl" / "model_index.json", folder / "model_index.json")


class Shuffle(torch.nn.Module):
    """As ESRGAN's small relatives: convolutions, then pixel shuffle beside the enlarged picture."""

    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 12, 3, padding=1)

    def forward(self, x):
        shuffled = torch.nn.functional.pixel_shuffle(self.convolution(x), 2)
        return 0.1 * shuffled + torch.nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


def make_nets(target):
    upscaler = fill(Shuffle(), 21)
    grey = lambda own, x: own(x)[:, :1, ::2, ::2]
    picture = torch.rand(1, 3, 24, 16)
    free = {"input": {0: "batch", 2: "height", 3: "width"}, "output": {0: "batch", 2: "height2", 3: "width2"}}
    export(target / "nets/upscale-x2.onnx", upscaler, lambda own, x: own(x), {"input": picture}, ["output"], free)
    export(target / "nets/depth-24x16.onnx", upscaler, lambda own, x: 40 * grey(own, x / 127.5 - 1), {"image": picture}, ["depth"], None)
    export(target / "nets/rows-last.onnx", upscaler, lambda own, x: own(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)[:, ::2, ::2], {"image": picture.permute(0, 2, 3, 1).half().float()}, ["painted"], {"image": {1: "height", 2: "width"}})
    tensors = {}
    with torch.no_grad():
        x = torch.rand(2, 3, 24, 16, generator=torch.Generator().manual_seed(5))
        tensors = {"in": x, "out/upscale-x2": upscaler(x), "out/depth-24x16": torch.cat([40 * grey(upscaler, one * 2 - 1) for one in x.split(1)]), "out/rows-last": upscaler(x)[:, :, ::2, ::2]}
    from safetensors.torch import save_file
    save_file({key: value.contiguous() for key, value in tensors.items()}, target / "nets/expected.safetensors")


@torch.no_grad()
def main(target):
    target = Path(target)
    if target.exists():
        shutil.rmtree(target)
    for make in (make_sd, make_xl, make_nets):
        make(target)
        shutil.rmtree(target / "tokenizer-made", ignore_errors=True)


main(sys.argv[1])
