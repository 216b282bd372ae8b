"""Trains the text-conditioned latent U-Net.

    python models/training/unet.py --minutes 60 [--start models/packs/emoji/unet] [--end 18:30]
    python models/training/unet.py --minutes 120 --resume

`--start` takes weights for fewer latent channels, too: what they know of those they have stays, and the new ones begin at 0.

v prediction on Stable Diffusion's noise schedule, AdamW, averaged weights. The loss is min-SNR's (2303.09556) with SNR + 1 in place of
SNR: the clear end is held down, while the noisiest steps, which decide colours and layout, keep their full weight. The learning rate
falls as a cosine to 0 at the end of --minutes. DATA/unet.pt holds weights, optimiser and draws every two minutes; a finished run leaves
DATA/unet/. To go on from a finished run, `--resume` with more minutes than it had begins the fall again where it stands.
"""
import time

import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from data import load_items
from pictures import load_concepts
from sampling import SCHEDULE, Painter, load_unet, write_sheet
from stage import Budget, Log, arguments, cosine, prepare_torch, save_checkpoint
from text import pad_states

CONFIG = dict(
    sample_size=16, in_channels=8, out_channels=8, block_out_channels=(96, 128, 256), layers_per_block=1, cross_attention_dim=384,
    attention_head_dim=(2, 4, 8), use_linear_projection=True, mid_block_type="UNetMidBlock2DCrossAttn", norm_num_groups=32,
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    addition_embed_type="text", addition_embed_type_num_heads=8,
)
BATCH, WARM_UP, EMA, EMA_EVERY, GAMMA, EMPTY_SHARE = 48, 100, 0.997, 4, 5.0, 0.1
# Sampling weights: animals and food are asked for most; fluent, flat and 3d share their layouts, so fluent alone counts less.
GROUP_WEIGHTS = {0: 1.0, 1: 0.8, 3: 1.4, 4: 1.3, 5: 1.0, 6: 0.9, 7: 0.8}
STYLE_WEIGHTS = {"fluent": 0.7}
LOOKED_AT = (
    "a red apple", "a cat", "a fox in noto style", "a 3d drawing of a rocket", "an owl in twemoji style", "a house", "a penguin in 3d style", "a robot",
    "a puppy", "a bunny", "a spaceship", "a cup of tea", "an orange owl", "a purple car on a yellow background", "a green elephant in flat style", "a blue cat",
    "a happy pizza", "blue fire", "a cat wearing a crown", "a kangaroo", "a bowl of soup", "a guitar", "a pink castle", "a sailboat in flat style",
)


class Samples:
    """Draws training batches: latents [48, 8, 16, 16] and token states [48, 32, 384]."""

    def __init__(self, data, core_share, seed):
        listed, concepts = load_items(data), load_concepts()
        self.items = listed.items
        self.latents = torch.from_numpy(np.load(data / "latents.npy")).float()
        captions = np.load(data / "captions.npz")
        self.states, self.offsets = captions["states"], captions["offsets"]
        assert len(self.latents) == len(self.items) and len(self.offsets) == len(listed.captions) + 1, "run data.py and autoencoder.py encode again"
        self.trained = np.array([k for k, item in enumerate(self.items) if not item.held_out])
        weights = np.array([self.weight(self.items[k]) for k in self.trained])
        is_core = np.array([concepts[self.items[k].label].get("core", False) for k in self.trained])
        if core_share > 0:
            weights[is_core] *= core_share / weights[is_core].sum()
            weights[~is_core] *= (1 - core_share) / weights[~is_core].sum()
        self.weights = weights / weights.sum()
        self.random = np.random.default_rng(seed)

    @staticmethod
    def weight(item):
        return item.share * GROUP_WEIGHTS[item.group] * STYLE_WEIGHTS.get(item.style, 1.0)

    def text(self, captions):
        return pad_states([self.states[self.offsets[k] : self.offsets[k + 1]] for k in captions])

    def next(self):
        chosen = self.random.choice(self.trained, BATCH, p=self.weights)
        captions = [0 if self.random.random() < EMPTY_SHARE else self.random.choice(self.items[k].captions) for k in chosen]
        return self.latents[chosen], self.text(captions)

    def fixed(self, held_out, count=128):
        """Always the same plain pictures: held-out ones, or trained ones spread over all concepts."""
        plain = [k for k, item in enumerate(self.items) if item.held_out == held_out and item.background == "white" and item.colour is None]
        chosen = plain[:: max(1, len(plain) // count)][:count]
        return self.latents[chosen], self.text([self.items[k].captions[0] for k in chosen])


class Objective:
    """The v-prediction loss at given timesteps."""

    def __init__(self):
        self.kept = DDIMScheduler(**SCHEDULE).alphas_cumprod

    def losses(self, network, latents, states, timesteps, noise):
        """Mean squared error of each sample, float32 [batch]."""
        kept = self.kept[timesteps][:, None, None, None]
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        wanted = kept.sqrt() * noise - (1 - kept).sqrt() * latents
        return (network(noisy, timesteps, states, return_dict=False)[0] - wanted).square().mean((1, 2, 3))

    def weights(self, timesteps):
        raised = 1 / (1 - self.kept[timesteps])  # SNR + 1, the weight on x0 that plain v loss has
        return raised.clamp_max(GAMMA) / raised

    @torch.no_grad()
    def evaluate(self, network, latents, states):
        """Loss over timesteps spread evenly from 0 to 999, with fixed noise: (all, t > 600)."""
        count = len(latents)
        timesteps = (torch.arange(count) + 0.5).div(count).mul(1000).long()[torch.randperm(count, generator=torch.Generator().manual_seed(4))]
        noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(3))
        found = self.losses(network, latents, states, timesteps, noise)
        return found.mean().item(), found[timesteps > 600].mean().item()


@torch.no_grad()
def widen(narrow):
    """The same network with CONFIG's latent channels: new ones are not listened to, and predicted as 0."""
    network = UNet2DConditionModel(**CONFIG)
    weights, given = network.state_dict(), narrow.state_dict()
    for name, value in given.items():
        if weights[name].shape == value.shape:
            weights[name].copy_(value)
        else:
            weights[name].zero_()[tuple(slice(size) for size in value.shape)] = value
    return network


def main(options, log):
    data, checkpoint = options.data, options.data / "unet.pt"
    network = load_unet(options.start) if options.start else UNet2DConditionModel(**CONFIG)
    if network.config.in_channels != CONFIG["in_channels"]:
        network = widen(network)
    average = UNet2DConditionModel.from_config(network.config)
    average.load_state_dict(network.state_dict())
    for each in (network, average):
        each.set_attn_processor(AttnProcessor())
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    samples, objective = Samples(data, options.core_share, options.seed), Objective()
    step, begun, spent = 0, 0, 0.0
    if options.resume:
        state = torch.load(checkpoint, weights_only=False)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["torch_random"])
        samples.random.bit_generator.state = state["numpy_random"]
        step, begun, spent = state["step"], state["step"], state["spent"]

    def save():
        draws = dict(torch_random=torch.get_rng_state(), numpy_random=samples.random.bit_generator.state)
        weights = dict(network=network.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict())
        save_checkpoint(checkpoint, dict(**weights, **draws, step=step, spent=budget.spent))

    def evaluate():
        held, trained = (objective.evaluate(average, *samples.fixed(held_out)) for held_out in (True, False))
        log(f"step {step} loss on held-out pairs {held[0]:.4f} (t > 600 {held[1]:.4f}), on trained {trained[0]:.4f} ({trained[1]:.4f})")

    def sheet():
        pictures = Painter(average.eval(), data / "vae", options.pack, painter_text).draw(list(LOOKED_AT), seeds=[0] * len(LOOKED_AT))
        write_sheet(data / f"sheets/unet-{step:06d}.png", pictures, list(LOOKED_AT), columns=8)

    from text import TextEncoder

    (data / "sheets").mkdir(exist_ok=True)
    painter_text = TextEncoder(options.pack)
    log(f"unet: {vars(options)}, {len(samples.trained)} items, step {step}")
    budget = Budget(options.minutes, spent)
    evaluate()
    budget.tick()
    saved = evaluated = time.monotonic()
    losses, noisy_losses, printed = [], [], (step, budget.spent)
    while True:
        if options.end:
            budget.shorten(time.mktime(time.strptime(time.strftime("%Y-%m-%d ") + options.end, "%Y-%m-%d %H:%M")))
        share = budget.tick()
        if share >= 1:
            break
        rate = options.rate * min(1, (step - begun + 1) / WARM_UP) * (0.005 + 0.995 * cosine(share, options.hold))
        for group in optimiser.param_groups:
            group["lr"] = rate
        latents, states = samples.next()
        # One timestep from each of 48 equal strips: the loss is less noisy than with free draws.
        timesteps = torch.from_numpy((np.arange(BATCH) + samples.random.random(BATCH)) / BATCH * 1000).long()
        found = objective.losses(network, latents, states, timesteps, torch.randn_like(latents))
        optimiser.zero_grad()
        (found * objective.weights(timesteps)).mean().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % EMA_EVERY == 0:
            with torch.no_grad():
                done = step - begun
                torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - min(EMA, (1 + done) / (40 + done)))
        losses.append(found.mean().item())
        noisy_losses.append(found[timesteps > 600].mean().item())
        if step % 50 == 0:
            pace = (step - printed[0]) * BATCH / max(budget.spent - printed[1], 1e-9)
            log(f"step {step} samples {step * BATCH} {100 * share:.0f} % {pace:.1f}/s rate {rate:.1e} loss {np.mean(losses):.4f} t > 600 {np.mean(noisy_losses):.4f}")
            losses, noisy_losses, printed = [], [], (step, budget.spent)
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            save()
        if time.monotonic() - evaluated > 480:
            evaluated = time.monotonic()
            evaluate()
            sheet()
    save()
    evaluate()
    sheet()
    average.save_pretrained(data / "unet")
    log(f"unet: {step} steps, {step * BATCH} samples, {budget.spent / 60:.1f} min")


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, required=True, help="whole length of the run, resumed parts included")
    parser.add_argument("--end", help="HH:MM of today: end sooner, with the learning rate at 0 by then")
    parser.add_argument("--start", help="folder of a trained U-Net; without it the weights are random")
    parser.add_argument("--resume", action="store_true", help="go on from DATA/unet.pt")
    parser.add_argument("--pack", default="models/packs/emoji", help="where the text encoder lies")
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--hold", type=float, default=0.0, help="share of the run before the learning rate begins to fall")
    parser.add_argument("--core-share", type=float, default=0.0, help="share of samples from the core concepts; 0 leaves it to their number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    prepare_torch(options.threads, options.seed)
    main(options, Log(options.data / "unet.log"))
