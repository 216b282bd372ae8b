"""What diffusers' tiny U-Nets of random weights look at, and how Prompt-to-Prompt edits with them (Hertz et al. 2022):

    pip install torch diffusers safetensors numpy
    python test/golden/attention.py test/golden/attention

cases.jsonl lists the cases. Each has two prompts as words with their token ids, the texts' states (random: the networks know no words), and a
sampling loop with guidance over the rows [negative, negative, source, edited]. An attention processor holds every weight and changes the edited
rows as the authors' code does; queries and keys are never exchanged here. ID.safetensors holds `in/NAME`, `out/latents.K` after each step
(rows: sources, then edited ones), `out/map.K.LAYER` (weights of the rows with text, mean of heads, [rows, tokens, height, width]) of the last step
(and of the first, `sd`), `out/blend` (the mask of the last step), and `out/mapper` and `out/alphas`. networks.safetensors holds the weights, float16, widened to float32; all is computed
on one thread. `float64_difference` is how far maps and latents move in float64, relative to max(1, largest). Made with torch 2.15.0, diffusers 0.42.1.

Where a replaced word has another number of tokens, the authors' mapper goes on from the target's place for both texts, so that the
words behind it look where others look; here each goes on from its own place.
"""
import json
import sys
from pathlib import Path

import diffusers.schedulers.scheduling_euler_ancestral_discrete as ancestral
import numpy as np
import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler, EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import save_file

torch.set_num_threads(1)
draw_any = ancestral.randn_tensor
# The same noise in float64.
ancestral.randn_tensor = lambda shape, dtype, **more: draw_any(shape, dtype=torch.float32, **more).to(dtype)
ROWS, WIDTH = 14, 6
START, END = 0, 1
SD = {
    "block_out_channels": [4, 8], "layers_per_block": 1, "norm_num_groups": 2, "cross_attention_dim": WIDTH, "attention_head_dim": 2,
    "down_block_types": ["CrossAttnDownBlock2D"] * 2, "up_block_types": ["CrossAttnUpBlock2D"] * 2,
}
XL = {
    **SD, "block_out_channels": [4, 8, 8], "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "transformer_layers_per_block": [1, 1, 2], "use_linear_projection": True,
    "addition_embed_type": "text_time", "addition_time_embed_dim": 6, "projection_class_embeddings_input_dim": 5 + 6 * 6,
}
UNETS = {"sd": SD, "xl": XL}
SIZES = {"sd": (12, 8), "xl": (32, 24)}
BETAS = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SCHEDULERS = {
    "ddim": (DDIMScheduler, {**BETAS, "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}),
    "euler": (EulerDiscreteScheduler, {**BETAS, "steps_offset": 1}),
    "ancestral": (EulerAncestralDiscreteScheduler, {**BETAS, "steps_offset": 1}),
}
CAT = [["a", [2]], ["cat", [3, 4]], ["on", [5]], ["grass", [6]]]
DOG = [["a", [2]], ["dog", [7]], ["on", [5]], ["grass", [6]]]
LION = [["a", [2]], ["lion", [9, 10, 11]], ["on", [5]], ["sand", [12]]]
SNOWY = [["a", [2]], ["white", [8]], ["cat", [3, 4]], ["on", [5]], ["snowy", [9, 10]], ["grass", [6]]]
BARE = [["cat", [3, 4]], ["grass", [6]]]
COMMON = {"guidance": 3.0, "steps": 5, "batch": 1, "seed": "21", "cross": 0.8, "self": 0.4, "most_cells": 24, "weights": {}, "word_steps": {}, "blend": None}
CASES = {
    "sd-replace": {**COMMON, "unet": "sd", "scheduler": "ddim", "edit": "replace", "source": CAT, "edited": LION},
    "sd-fewer-tokens": {**COMMON, "unet": "sd", "scheduler": "euler", "edit": "replace", "source": CAT, "edited": DOG, "cross": 1.0, "self": 1.0, "most_cells": 96},
    "sd-refine": {**COMMON, "unet": "sd", "scheduler": "euler", "edit": "refine", "source": CAT, "edited": SNOWY, "self": 0.6, "batch": 2},
    "sd-reweight": {**COMMON, "unet": "sd", "scheduler": "ddim", "edit": "replace", "source": CAT, "edited": CAT, "weights": {"cat": 4.0, "grass": -1.5}, "self": 0.0, "cross": 1.0},
    "sd-ancestral": {**COMMON, "unet": "sd", "scheduler": "ancestral", "edit": "refine", "source": SNOWY, "edited": BARE, "weights": {"grass": 2.0}},
    "sd-unguided": {**COMMON, "unet": "sd", "scheduler": "ddim", "edit": "replace", "source": CAT, "edited": DOG, "guidance": 1.0, "steps": 3},
    "xl-replace": {**COMMON, "unet": "xl", "scheduler": "euler", "edit": "replace", "source": CAT, "edited": LION, "word_steps": {"lion": 0.4}, "most_cells": 48},
    "xl-blend": {**COMMON, "unet": "xl", "scheduler": "ddim", "edit": "refine", "source": CAT, "edited": SNOWY, "self": 0.6, "blend": {"source": "cat", "edited": "snowy", "threshold": 0.96}},
    "sd-blend": {**COMMON, "unet": "sd", "scheduler": "ddim", "edit": "replace", "source": CAT, "edited": LION, "batch": 2, "steps": 6, "blend": {"source": "cat", "edited": "lion", "threshold": 0.95}},
}


def ids_of(words):
    return [START, *[one for _, ids in words for one in ids], END]


def rows_of(words):
    """The rows of each word."""
    found, at = [], 1
    for _, ids in words:
        found.append(list(range(at, at + len(ids))))
        at += len(ids)
    return found


def replace_mapper(x, y):
    """Which source rows [first axis] each row of the edited text looks like, and which rows have such."""
    assert len(x) == len(y)
    mapper, alphas = np.zeros((ROWS, ROWS)), np.zeros(ROWS)
    x_rows, y_rows = [[0], *rows_of(x), [len(ids_of(x)) - 1]], [[0], *rows_of(y), [len(ids_of(y)) - 1]]
    for a, b in zip(x_rows, y_rows):
        if len(a) == len(b):
            mapper[a, b] = 1
        else:
            mapper[np.ix_(a, b)] = 1 / len(b)
        alphas[b] = 1
    pad(mapper, alphas, len(ids_of(x)), len(ids_of(y)))
    return mapper, alphas


def refine_mapper(x, y):
    """Global alignment of the token ids: match 1, mismatch -1, gap 0; of equal scores the gap in the source wins, then that in the target."""
    x, y = ids_of(x), ids_of(y)
    matrix, trace = np.zeros((len(x) + 1, len(y) + 1), dtype=int), np.zeros((len(x) + 1, len(y) + 1), dtype=int)
    trace[0, 1:], trace[1:, 0] = 1, 2
    for i in range(1, len(x) + 1):
        for j in range(1, len(y) + 1):
            left, up, diagonal = matrix[i, j - 1], matrix[i - 1, j], matrix[i - 1, j - 1] + (1 if x[i - 1] == y[j - 1] else -1)
            matrix[i, j] = max(left, up, diagonal)
            trace[i, j] = 1 if matrix[i, j] == left else 2 if matrix[i, j] == up else 3
    mapper, alphas = np.zeros((ROWS, ROWS)), np.zeros(ROWS)
    i, j = len(x), len(y)
    while i > 0 or j > 0:
        if trace[i, j] == 3:
            i, j = i - 1, j - 1
            mapper[i, j], alphas[j] = 1, 1
        elif trace[i, j] == 1:
            j -= 1
        else:
            i -= 1
    pad(mapper, alphas, len(x), len(y))
    return mapper, alphas


def pad(mapper, alphas, x_used, y_used):
    """Padding looks like the padding in the same place, or like the first where the source still has words there."""
    for j in range(y_used, ROWS):
        i = max(j, x_used)
        if i < ROWS:
            mapper[i, j], alphas[j] = 1, 1


class Editor:
    def __init__(self, case):
        self.case, self.batch, self.step = case, case["batch"], 0
        self.size = SIZES[case["unet"]]
        steps = case["steps"]
        mapper, alphas = (replace_mapper if case["edit"] == "replace" else refine_mapper)(case["source"], case["edited"])
        self.mapper, self.alphas = torch.tensor(mapper, dtype=torch.float32), torch.tensor(alphas, dtype=torch.float32)
        words = [word for word, _ in case["edited"]]
        rows = rows_of(case["edited"])
        self.equalizer = torch.ones(ROWS)
        for word, weight in case["weights"].items():
            self.equalizer[rows[words.index(word)]] = weight
        self.cross = torch.zeros(steps + 1, ROWS)
        self.cross[: int(case["cross"] * (steps + 1))] = 1
        for word, share in case["word_steps"].items():
            self.cross[:, rows[words.index(word)]] = 0
            self.cross[: int(share * (steps + 1)), rows[words.index(word)]] = 1
        self.self_steps = int(steps * case["self"])
        self.maps, self.sums = {}, {}
        self.mask = None

    def change(self, name, weights, is_cross, cells):
        """weights [rows with text, heads, cells, keys]: sources, then edited."""
        base, own = weights[: self.batch], weights[self.batch :]
        if is_cross:
            injected = torch.einsum("bhpw,wn->bhpn", base, self.mapper.to(base.dtype)) * self.alphas + own * (1 - self.alphas)
            share = self.cross[self.step]
            own = injected * self.equalizer * share + own * (1 - share)
        elif self.step < self.self_steps and weights.shape[2] <= self.case["most_cells"]:
            own = base
        weights = torch.cat([base, own])
        if is_cross:
            height, width = cells
            self.maps[name] = weights.mean(1).transpose(1, 2).reshape(weights.shape[0], ROWS, height, width)
            self.sums[name] = self.sums.get(name, 0) + self.maps[name]
        return weights

    def blend(self, latents):
        blend = self.case["blend"]
        if blend is None or self.step + 1 <= int(0.2 * self.case["steps"]):
            return latents
        names = [name for name in self.sums if not name.startswith("mid_block")]
        small = [name for name in names if self.sums[name].shape[2] <= self.size[0] / 4]
        size = max((self.sums[name].shape[2] for name in small), default=min(self.sums[name].shape[2] for name in names))
        total = torch.stack([self.sums[name] for name in names if self.sums[name].shape[2] == size]).mean(0)
        masks = []
        for words, which, rows in ((self.case["source"], "source", total[: self.batch]), (self.case["edited"], "edited", total[self.batch :])):
            places = rows_of(words)[[word for word, _ in words].index(blend[which])]
            heat = F.max_pool2d(rows[:, places].sum(1, keepdim=True), (3, 3), (1, 1), padding=(1, 1))
            heat = F.interpolate(heat, size=latents.shape[2:])
            heat = heat / heat.amax((2, 3), keepdim=True)
            assert (heat - blend["threshold"]).abs().min() > 1e-4, "a cell is on the edge"
            masks.append(heat > blend["threshold"])
        self.mask = (masks[0] | masks[1]).to(latents.dtype)
        source, edited = latents[: self.batch], latents[self.batch :]
        return torch.cat([source, source + self.mask * (edited - source)])


class Processor:
    def __init__(self, name, editor):
        self.name, self.editor = name, editor

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        is_cross = encoder_hidden_states is not None
        text = encoder_hidden_states if is_cross else hidden_states
        query, key, value = (attn.head_to_batch_dim(layer(x)) for layer, x in ((attn.to_q, hidden_states), (attn.to_k, text), (attn.to_v, text)))
        weights = attn.get_attention_scores(query, key, attention_mask)
        weights = weights.reshape(-1, attn.heads, *weights.shape[1:])
        rows = 2 * self.editor.batch
        count = hidden_states.shape[1]
        height, width = self.editor.size
        scale = round((height * width / count) ** 0.5)
        changed = self.editor.change(self.name, weights[-rows:], is_cross, (height // scale, width // scale))
        weights = torch.cat([weights[:-rows], changed]).flatten(0, 1)
        mixed = attn.batch_to_head_dim(torch.bmm(weights, value))
        return attn.to_out[1](attn.to_out[0](mixed))


def make_unet(name):
    torch.manual_seed(3)
    unet = UNet2DConditionModel(**UNETS[name]).eval()
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for key, value in unet.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            # Attention that looks at something.
            scale = 1.2 if "attn" in key and value.ndim > 1 else 0.1
            filled = value + scale * noise / (value[0].numel() ** 0.5 if value.ndim > 1 else 3)
            # Predictions that steps do not blow up.
            value.copy_((filled * 0.12 if key.startswith("conv_out") else filled).half())
    return unet


def run(case, unet, inputs):
    editor = Editor(case)
    for name, module in unet.named_modules():
        if name.endswith((".attn1", ".attn2")):
            module.set_processor(Processor(name, editor))
    batch, guided = case["batch"], case["guidance"] > 1
    cls, config = SCHEDULERS[case["scheduler"]]
    generator = torch.Generator().manual_seed(int(case["seed"]))
    height, width = editor.size
    noise = torch.randn(batch, 4, height, width, generator=generator).to(unet.dtype)
    # Both halves are stepped alike, with the same draws.
    schedulers = [cls(**config), cls(**config)]
    for scheduler in schedulers:
        scheduler.set_timesteps(case["steps"])
    other = torch.Generator()
    other.set_state(generator.get_state())
    latents = torch.cat([noise, noise]) * schedulers[0].init_noise_sigma
    each = lambda name: torch.cat([inputs[f"{name}.source"].expand(batch, -1, -1), inputs[f"{name}.edited"].expand(batch, -1, -1)])
    states = each("states")
    if guided:
        states = torch.cat([inputs["states.negative"].expand(2 * batch, -1, -1), states])
    more = {}
    if case["unet"] == "xl":
        pooled = torch.cat([inputs["pooled.source"].expand(batch, -1), inputs["pooled.edited"].expand(batch, -1)])
        pooled = torch.cat([inputs["pooled.negative"].expand(2 * batch, -1), pooled]) if guided else pooled
        ids = torch.tensor([[height * 8.0, width * 8.0, 0, 0, height * 8.0, width * 8.0]], dtype=unet.dtype).expand(len(pooled), -1)
        more["added_cond_kwargs"] = {"text_embeds": pooled, "time_ids": ids}
    out = {"mapper": editor.mapper, "alphas": editor.alphas}
    for step, timestep in enumerate(schedulers[0].timesteps):
        editor.step = step
        scaled = [scheduler.scale_model_input(part, timestep) for scheduler, part in zip(schedulers, latents.chunk(2))]
        predicted = unet(torch.cat(scaled * (2 if guided else 1)), timestep, states, **more).sample
        if guided:
            without, with_text = predicted.chunk(2)
            predicted = without + case["guidance"] * (with_text - without)
        parts = []
        for scheduler, part, one, own in zip(schedulers, latents.chunk(2), predicted.chunk(2), (generator, other)):
            draws = {} if case["scheduler"] == "ddim" else {"generator": own}
            parts.append(scheduler.step(one, timestep, part, **draws).prev_sample)
        latents = editor.blend(torch.cat(parts))
        out[f"latents.{step + 1}"] = latents
        if step == case["steps"] - 1 or step == 0 and case["unet"] == "sd":
            out.update({f"map.{step}.{name}": value for name, value in editor.maps.items()})
    if editor.mask is not None:
        out["blend"] = editor.mask
        share = editor.mask.mean()
        assert 0.1 < share < 0.9, share
    source, edited = latents.chunk(2)
    assert (source - edited).abs().max() > 0.05, "the edit does nothing"
    assert latents.isfinite().all() and latents.abs().max() < 80, latents.abs().max()
    return out


@torch.no_grad()
def main(out):
    out.mkdir(parents=True, exist_ok=True)
    networks = {name: make_unet(name) for name in UNETS}
    rows = []
    for index, (name, case) in enumerate(CASES.items()):
        generator = torch.Generator().manual_seed(100 + index)
        draw = lambda *shape: torch.randn(*shape, generator=generator) * 1.5
        inputs = {f"states.{which}": draw(1, ROWS, WIDTH) for which in ("source", "edited", "negative")}
        # Words that both texts have are alike, as an encoder makes them.
        inputs["states.edited"] = inputs["states.source"] * 0.6 + inputs["states.edited"] * 0.8
        if case["unet"] == "xl":
            inputs.update({f"pooled.{which}": draw(1, 5) for which in ("source", "edited", "negative")})
        # What a case without an editor gives must differ, or the test would show nothing.
        found = run(case, networks[case["unet"]], inputs)
        plain = run({**case, "cross": 0.0, "word_steps": {}, "self": 0.0, "blend": None}, networks[case["unet"]], inputs)
        unet = networks[case["unet"]].double()
        exact = run(case, unet, {key: value.double() for key, value in inputs.items()})
        unet.float()
        far = lambda kind: max(float((found[key] - exact[key]).abs().max()) / max(1, float(found[key].abs().max())) for key in found if key.startswith(kind))
        difference = {"map": far("map."), "latents": far("latents.")}
        print(name, difference)
        last = f"latents.{case['steps']}"
        print(name, "edit", float((found[last] - plain[last]).abs().max()), "largest", float(found[last].abs().max()))
        assert (found[last] - plain[last]).abs().max() > 0.02
        assert torch.equal(found[last][: case["batch"]], plain[last][: case["batch"]])
        tensors = {**{f"in/{key}": value for key, value in inputs.items()}, **{f"out/{key}": value for key, value in found.items()}}
        save_file({key: value.contiguous().clone() for key, value in tensors.items()}, out / f"{name}.safetensors")
        scheduler_class, config = SCHEDULERS[case["scheduler"]]
        scheduler = {"_class_name": scheduler_class.__name__, **{key: value for key, value in scheduler_class(**config).config.items() if not key.startswith("_")}}
        rows.append({"id": name, **case, "scheduler": scheduler, "config": UNETS[case["unet"]], "tokens": {"rows": ROWS, "start": START, "end": END}, "float64_difference": difference})
    (out / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    weights = {f"{name}/{key}": value.half().contiguous() for name, unet in networks.items() for key, value in unet.state_dict().items()}
    save_file(weights, out / "networks.safetensors")


main(Path(sys.argv[1]))
