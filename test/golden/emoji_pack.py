"""What diffusers computes with the emoji pack, stage by stage: python test/golden/emoji_pack.py models/packs/emoji test/golden/emoji-pack

Six prompts with fixed seeds, 20 steps of DDIM as the pack's scheduler_config.json says, guidance 4, 64×64. There is no stock pipeline for
a BERT encoder, so the loop is written out: states of the text alone (no padding in the encoder), rows of zeros up to 32, no mask.
float32 on one thread; `float64_difference` is how far each stage moves when the same case runs in float64 with the same noise.
Made with torch 2.15.0, diffusers 0.42.1, transformers 5.23.0. cases.jsonl lists the cases; ID.safetensors has float32 tensors:

  draw.0                    raw N(0,1) from torch's CPU generator, [1,4,16,16]
  prompt_embeds, negative_prompt_embeds   [1,32,384], as the U-Net gets them
  latents.init              before the first step
  unet_in.0, unet_out.0     the first U-Net call, batch [negative, positive]
  latents.1, latents.2, latents.final     after the first, second and last step
  image                     [1,3,64,64] in 0…1, clamped, not rounded
"""
import json
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import AutoTokenizer, BertModel

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True, warn_only=True)

CASES = [
    ("fox", "a noto drawing of a fox", "", 0),
    ("apple", "a red apple", "", 1),
    ("cat-blue", "a blue cat", "", 7),
    ("rocket", "a rocket in fluent style on a yellow background", "", 42),
    ("castle", "Castle, 3d style!", "a red background", 1234),
    ("empty", "", "", 4294967301),
]
STEPS, GUIDANCE = 20, 4.0


class Pack:
    def __init__(self, folder, dtype):
        self.dtype = dtype
        self.tokenizer = AutoTokenizer.from_pretrained(f"{folder}/tokenizer")
        self.text = BertModel.from_pretrained(f"{folder}/text_encoder", add_pooling_layer=False).to(dtype).eval()
        self.unet = UNet2DConditionModel.from_pretrained(f"{folder}/unet").to(dtype).eval()
        self.vae = AutoencoderKL.from_pretrained(f"{folder}/vae").to(dtype).eval()
        self.scheduler = DDIMScheduler.from_pretrained(f"{folder}/scheduler")
        index = json.loads(Path(f"{folder}/model_index.json").read_text())
        self.rows = index["text_conditioning"]["max_length"]

    def encode(self, text):
        ids = self.tokenizer(text, truncation=True, max_length=self.rows, return_tensors="pt")
        states = self.text(input_ids=ids.input_ids, attention_mask=ids.attention_mask).last_hidden_state
        padded = torch.zeros((1, self.rows, states.shape[2]), dtype=self.dtype)
        padded[:, : states.shape[1]] = states
        return padded, ids.input_ids[0].tolist()

    @torch.no_grad()
    def run(self, prompt, negative, seed):
        out = {}
        noise = torch.randn((1, self.unet.config.in_channels, 16, 16), generator=torch.Generator().manual_seed(seed), dtype=torch.float32)
        out["draw.0"] = noise
        out["prompt_embeds"], ids = self.encode(prompt)
        out["negative_prompt_embeds"], _ = self.encode(negative)
        states = torch.cat([out["negative_prompt_embeds"], out["prompt_embeds"]])
        self.scheduler.set_timesteps(STEPS)
        latents = noise.to(self.dtype) * self.scheduler.init_noise_sigma
        out["latents.init"] = latents
        for index, t in enumerate(self.scheduler.timesteps):
            model_input = self.scheduler.scale_model_input(torch.cat([latents] * 2), t)
            output = self.unet(model_input, t, encoder_hidden_states=states).sample
            if index == 0:
                out["unet_in.0"], out["unet_out.0"] = model_input, output
            without, with_text = output.chunk(2)
            latents = self.scheduler.step(without + GUIDANCE * (with_text - without), t, latents).prev_sample
            if index < 2:
                out[f"latents.{index + 1}"] = latents
        out["latents.final"] = latents
        picture = self.vae.decode(latents / self.vae.config.scaling_factor).sample
        out["image"] = (picture / 2 + 0.5).clamp(0, 1)
        return {name: value.detach() for name, value in out.items()}, ids, [int(t) for t in self.scheduler.timesteps]


def main(folder, target):
    target = Path(target)
    target.mkdir(parents=True, exist_ok=True)
    single, double = Pack(folder, torch.float32), Pack(folder, torch.float64)
    rows = []
    for name, prompt, negative, seed in CASES:
        stages, ids, timesteps = single.run(prompt, negative, seed)
        exact, _, _ = double.run(prompt, negative, seed)
        difference = {key: float((value.double() - exact[key]).abs().max()) for key, value in stages.items() if key != "draw.0"}
        save_file({key: value.float().contiguous() for key, value in stages.items()}, target / f"{name}.safetensors")
        rows.append({"id": name, "prompt": prompt, "negative": negative, "seed": str(seed), "steps": STEPS, "guidance": GUIDANCE, "width": 64, "height": 64,
                     "ids": ids, "timesteps": timesteps, "float64_difference": difference})
        print(name, ids, {key: f"{value:.1e}" for key, value in difference.items()})
    (target / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


main(*sys.argv[1:3])
