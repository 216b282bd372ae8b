"""Trains the autoencoder (diffusers AutoencoderKL, 64×64 → 8×16×16), then encodes every training picture.

    python models/training/autoencoder.py train --minutes 15 [--start models/packs/emoji/vae] [--decoder-only]
    python models/training/autoencoder.py encode

`--start` goes on from trained weights, with a slow encoder that is held near its former latents, so that a U-Net trained on those can go
on too. Weights with fewer latent channels are widened: the channels they have stay, new ones begin without a say in the picture. Without it the network starts from nothing, and the latents' mean and deviation are folded into quant_conv and post_quant_conv,
so that scaling_factor is 1. A run that was cut goes on from DATA/autoencoder.pt; a finished one leaves DATA/vae/.
"""
import time

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from pictures import BACKGROUNDS, TINTS, can_be_tinted, compose, load_drawings
from data import load_items
from stage import Budget, Log, arguments, cosine, prepare_torch, save_checkpoint

CONFIG = dict(
    in_channels=3, out_channels=3, latent_channels=8, block_out_channels=(32, 64, 128), layers_per_block=1,
    down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
    norm_num_groups=8, sample_size=64, mid_block_add_attention=False, scaling_factor=1.0,
)
BATCH, WARM_UP, EMA = 16, 50, 0.99
KL_WEIGHT, ANCHOR_WEIGHT, SCALE_WEIGHT, LATENT_NOISE, NEW_NOISE = 3e-4, 0.1, 0.02, 0.05, 0.1
NEW_DEVIATION = 0.02  # of the posterior in new channels: about that of trained ones
ANCHORED = 4  # pictures of a batch whose former latents are computed


class Batches:
    """Random training pictures: any background, tints, mirrored, moved by up to three pixels."""

    def __init__(self, data, seed):
        self.drawings, self.pixels = load_drawings(data)
        self.drawings = [drawing for drawing in self.drawings if not drawing.held_out]
        self.random = np.random.default_rng(seed)

    def picture(self):
        random = self.random
        drawing = self.drawings[random.integers(len(self.drawings))]
        background = "white" if random.random() < 0.5 else str(random.choice(list(BACKGROUNDS)))
        colour = str(random.choice(list(TINTS))) if can_be_tinted(drawing) and random.random() < 0.25 else None
        pixels = np.roll(self.pixels[drawing.index], random.integers(-3, 4, 2), (0, 1))
        if random.random() < 0.5:
            pixels = pixels[:, ::-1]
        return compose(pixels, background, colour)

    def next(self):
        return torch.from_numpy(np.stack([self.picture() for _ in range(BATCH)]))


def held_out_pictures(data, every=1):
    """All variants of the held-out pairs, float32 [count, 3, 64, 64]."""
    _, pixels = load_drawings(data)
    held = [item for item in load_items(data).items if item.held_out][::every]
    return torch.from_numpy(np.stack([compose(pixels[item.drawing], item.background, item.colour) for item in held]))


@torch.no_grad()
def psnr(network, pictures):
    """Mean over pictures of each one's PSNR in dB, after encoding (the posterior's mode) and decoding."""
    found = []
    for batch in pictures.split(32):
        back = network.decode(network.encode(batch).latent_dist.mode()).sample.clamp(-1, 1)
        found.append(-10 * torch.log10(((back - batch) / 2).square().mean((1, 2, 3))))
    return torch.cat(found).mean().item()


def slopes(picture):
    return picture[..., 1:] - picture[..., :-1], picture[..., 1:, :] - picture[..., :-1, :]


def reconstruction_loss(back, picture):
    """Absolute error at two sizes and on edges, and the logarithm of each picture's squared error, which is what PSNR averages."""
    pooled = F.l1_loss(F.avg_pool2d(back, 2), F.avg_pool2d(picture, 2))
    edges = sum(F.l1_loss(a, b) for a, b in zip(slopes(back), slopes(picture)))
    logarithm = (back - picture).square().mean((1, 2, 3)).clamp_min(1e-5).log().mean()
    return F.l1_loss(back, picture) + 0.25 * pooled + 0.5 * edges + 0.04 * logarithm


@torch.no_grad()
def normalise_latents(network, pictures, kept=0):
    """Folds the latents' mean and deviation into the two 1×1 convolutions between encoder, latents and decoder, but for the first `kept` channels."""
    latents = torch.cat([network.encode(batch).latent_dist.mode() for batch in pictures.split(32)])
    mean, deviation = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    mean[:kept], deviation[:kept] = 0, 1
    before, after, channels = network.quant_conv, network.post_quant_conv, len(mean)
    before.weight[:channels] /= deviation[:, None, None, None]
    before.bias[:channels] = (before.bias[:channels] - mean) / deviation
    before.bias[channels:] -= 2 * deviation.log()
    after.bias += (after.weight[:, :, 0, 0] * mean).sum(1)
    after.weight *= deviation[None, :, None, None]
    if kept > 0:
        # Going on, only means are trained; pictures to start from are drawn from the whole posterior.
        before.weight[channels + kept :] = 0
        before.bias[channels + kept :] = 2 * np.log(NEW_DEVIATION)


@torch.no_grad()
def widen(narrow):
    """The same network with CONFIG's latent channels. The new ones reach the decoder with a weight of 0; the encoder's are drawn anew."""
    network = AutoencoderKL(**CONFIG)
    old, channels = narrow.config.latent_channels, network.config.latent_channels
    means = torch.arange(old)
    moments = torch.cat([means, channels + means])  # means, then log variances
    weights, given = network.state_dict(), narrow.state_dict()
    for name, value in given.items():
        if weights[name].shape == value.shape:
            weights[name].copy_(value)
    for name in ("encoder.conv_out.weight", "encoder.conv_out.bias"):
        weights[name][moments] = given[name]
    widen_pointwise(weights, given, "quant_conv", moments)
    widen_pointwise(weights, given, "post_quant_conv", means)
    weights["decoder.conv_in.weight"].zero_()[:, :old] = given["decoder.conv_in.weight"]
    return network


def widen_pointwise(weights, given, name, channels):
    """Makes a 1×1 convolution what it was between these channels; every other channel passes as it is."""
    weight = weights[f"{name}.weight"]
    weight.copy_(torch.eye(len(weight))[:, :, None, None])
    weight[channels[:, None], channels] = given[f"{name}.weight"]
    weights[f"{name}.bias"].zero_()[channels] = given[f"{name}.bias"]


def load_network(start):
    """CONFIG's network, untrained or from a folder; and how many of its latent channels are trained."""
    if not start:
        return AutoencoderKL(**CONFIG), 0
    network = AutoencoderKL.from_pretrained(start).float()
    trained = network.config.latent_channels
    return (network if trained == CONFIG["latent_channels"] else widen(network)), trained


def train(options, log):
    data = options.data
    network, kept = load_network(options.start)
    if 0 < kept < CONFIG["latent_channels"]:
        first = Batches(data, options.seed)
        normalise_latents(network, torch.cat([first.next() for _ in range(8)]), kept)
    average, former = AutoencoderKL(**CONFIG), AutoencoderKL(**CONFIG)
    for each in (average, former):
        each.load_state_dict(network.state_dict())
    decoder = [*network.decoder.parameters(), *network.post_quant_conv.parameters()]
    encoder = [*network.encoder.parameters(), *network.quant_conv.parameters()]
    speeds = [options.rate, 0 if options.decoder_only else options.rate / 2 if options.start else options.rate]
    for parameter in encoder:
        parameter.requires_grad_(not options.decoder_only)
    optimiser = torch.optim.AdamW([{"params": decoder}, {"params": encoder}], lr=options.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    checkpoint, step, spent = data / "autoencoder.pt", 0, 0.0
    if options.resume:
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    batches, held = Batches(data, options.seed + step), held_out_pictures(data, every=4)
    log(f"autoencoder: {options.minutes} min from {options.start or 'nothing'}, step {step}; held-out PSNR {psnr(average, held):.2f} dB on {len(held)} pictures")
    deviations = torch.full((CONFIG["latent_channels"], 1, 1), NEW_NOISE)
    deviations[:kept] = LATENT_NOISE
    budget, saved, losses = Budget(options.minutes, spent), time.monotonic(), []
    while (share := budget.tick()) < 1:
        for group, speed in zip(optimiser.param_groups, speeds):
            group["lr"] = speed * min(1, (step + 1) / WARM_UP) * cosine(share) + 1e-6
        picture = batches.next()
        posterior = network.encode(picture).latent_dist
        latent = posterior.mean if options.start else posterior.sample()
        noise = torch.rand(BATCH, 1, 1, 1) * deviations * torch.randn_like(latent) if options.start else 0
        back = network.decode(latent + noise).sample
        loss = reconstruction_loss(back, picture)
        losses.append(loss.item())
        if not options.start:
            loss = loss + KL_WEIGHT * posterior.kl().mean() / latent[0].numel()
        elif not options.decoder_only:
            with torch.no_grad():
                anchor = former.encode(picture[:ANCHORED]).latent_dist.mean
            loss = loss + ANCHOR_WEIGHT * F.mse_loss(latent[:ANCHORED, :kept], anchor[:, :kept])
            if kept < latent.shape[1]:
                loss = loss + SCALE_WEIGHT * (latent[:, kept:].square().mean((0, 2, 3)) - 1).square().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - min(EMA, (1 + step) / (10 + step)))
        if step % 50 == 0:
            line = f"step {step} {100 * share:.0f} % {step * BATCH / budget.spent:.1f} pictures/s loss {np.mean(losses):.4f}"
            losses = []
            if step % 200 == 0:
                line += f" held-out PSNR {psnr(average, held):.2f} dB"
            log(line)
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            save_checkpoint(checkpoint, dict(network=network.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), step=step, spent=budget.spent))
    save_checkpoint(checkpoint, dict(network=network.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), step=step, spent=budget.spent))
    if kept < CONFIG["latent_channels"]:
        normalise_latents(average, torch.cat([batches.next() for _ in range(40)]), kept)
    with torch.no_grad():
        sample = torch.cat([batches.next() for _ in range(8)])
        moved = (average.encode(sample).latent_dist.mean - former.encode(sample).latent_dist.mean)[:, :kept].square().mean().sqrt() if kept else 0.0
    log(f"autoencoder: {step} steps, {step * BATCH} pictures, {budget.spent / 60:.1f} min; held-out PSNR {psnr(average, held_out_pictures(data)):.2f} dB; latents moved by {moved:.3f} (rms)")
    average.save_pretrained(data / "vae")


@torch.no_grad()
def encode(options, log):
    """DATA/latents.npy: float16 [items, 8, 16, 16], the posterior's mode of every training item."""
    network = load_network(options.data / "vae")[0].eval()
    items = load_items(options.data).items
    _, pixels = load_drawings(options.data)
    found = []
    for begin in range(0, len(items), 32):
        pictures = np.stack([compose(pixels[item.drawing], item.background, item.colour) for item in items[begin : begin + 32]])
        found.append(network.encode(torch.from_numpy(pictures)).latent_dist.mode().half().numpy())
    latents = np.concatenate(found)
    np.save(options.data / "latents.npy", latents)
    log(f"latents: {latents.shape}, mean {latents.mean((0, 2, 3), dtype=np.float64).round(3)}, deviation {latents.astype(np.float32).std((0, 2, 3)).round(3)}")


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("what", choices=("train", "encode"))
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--start", help="folder of a trained autoencoder")
    parser.add_argument("--decoder-only", action="store_true", help="leave the encoder, and so all latents, as they are")
    parser.add_argument("--resume", action="store_true", help="go on from DATA/autoencoder.pt")
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    prepare_torch(options.threads, options.seed)
    {"train": train, "encode": encode}[options.what](options, Log(options.data / "autoencoder.log"))
