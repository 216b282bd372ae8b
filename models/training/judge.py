"""Trains the judge: a small picture–text pair that names the concept in a picture. It only scores; nothing is trained or chosen by it.

    python models/training/judge.py [--minutes 10]

A residual network of its own on pictures, two layers on the mean of the text encoder's states, a softmax over all concepts' wordings.
Its wordings, augmentation and seed differ from the U-Net's; held-out (concept, style) pairs are held out here too. Leaves DATA/judge.pt.
"""
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from captions import with_article
from pictures import load_concepts, load_drawings
from stage import Budget, Log, arguments, cosine, prepare_torch, save_checkpoint
from text import TextEncoder

SEED, BATCH, RATE, WIDTH, DIMENSIONS = 20_311, 64, 2e-3, 32, 128
TEMPLATES = ("{name}", "an emoji of {a_name}", "this shows {a_name}", "{a_name}, centred")


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norms = nn.ModuleList([nn.GroupNorm(8, inputs), nn.GroupNorm(8, outputs)])
        self.convolutions = nn.ModuleList([nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.Conv2d(outputs, outputs, 3, padding=1)])
        self.skip = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        inner = self.convolutions[0](F.silu(self.norms[0](x)))
        return self.skip(F.avg_pool2d(x, 2)) + self.convolutions[1](F.silu(self.norms[1](inner)))


class Judge(nn.Module):
    """Pictures (float32 [n, 3, 64, 64], -1…1) and pooled texts (float32 [n, 384]) to unit vectors of one space."""

    def __init__(self):
        super().__init__()
        self.begin = nn.Conv2d(3, WIDTH, 3, stride=2, padding=1)
        self.blocks = nn.Sequential(Block(WIDTH, 2 * WIDTH), Block(2 * WIDTH, 4 * WIDTH), Block(4 * WIDTH, 6 * WIDTH))
        self.norm = nn.GroupNorm(8, 6 * WIDTH)
        self.project = nn.Linear(6 * WIDTH * 4, DIMENSIONS)
        self.text = nn.Sequential(nn.LayerNorm(384), nn.Linear(384, 256), nn.GELU(), nn.Linear(256, DIMENSIONS))
        self.scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def pictures(self, x):
        features = F.silu(self.norm(self.blocks(self.begin(x))))
        return F.normalize(self.project(F.adaptive_avg_pool2d(features, 2).flatten(1)), dim=-1)

    def texts(self, pooled):
        return F.normalize(self.text(pooled), dim=-1)


def concept_wordings(concepts, encoder):
    """For each concept its pooled wordings, float32 [wordings, 384]; the first four are of the label itself."""
    found = []
    for label, concept in concepts.items():
        names = [label, *concept.get("words", [])]
        texts = [template.format(name=name, a_name=with_article(name)) for name in names for template in TEMPLATES]
        found.append(torch.stack([torch.from_numpy(states.mean(0)) for states in encoder.encode(texts)]))
    return found


def augment(drawings, random):
    """Drawings (float32 [n, 4, 64, 64], RGBA 0…1) turned, moved, sized, put on any colour, hue-shifted, softened; float32 -1…1."""
    count = len(drawings)
    angle = (torch.rand(count, generator=random) - 0.5) * 0.35
    size = 0.9 + 0.35 * torch.rand(count, generator=random)
    mirrored = torch.where(torch.rand(count, generator=random) < 0.5, -1.0, 1.0)
    move = (torch.rand(count, 2, generator=random) - 0.5) * 0.2
    turn = torch.stack([angle.cos() * size * mirrored, -angle.sin() * size, move[:, 0], angle.sin() * size * mirrored, angle.cos() * size, move[:, 1]], 1).view(-1, 2, 3)
    # Alpha first: resampling straight colours would bring in what lies under transparent pixels.
    multiplied = torch.cat([drawings[:, :3] * drawings[:, 3:], drawings[:, 3:]], 1)
    moved = F.grid_sample(multiplied, F.affine_grid(turn, drawings.shape, align_corners=False), align_corners=False)
    behind = torch.where(torch.rand(count, 1, generator=random) < 0.5, 1.0, torch.rand(count, 3, generator=random))[:, :, None, None]
    pictures = (moved[:, :3] + behind * (1 - moved[:, 3:])) * 2 - 1
    shuffled = pictures[:, torch.randperm(3, generator=random)]
    mixed = torch.where(torch.rand(count, 1, 1, 1, generator=random) < 0.25, shuffled, pictures)
    soft = F.interpolate(F.avg_pool2d(mixed, 2), scale_factor=2, mode="bilinear", align_corners=False)
    share = torch.rand(count, 1, 1, 1, generator=random)
    return mixed + share * (soft - mixed) + 0.04 * torch.randn(mixed.shape, generator=random)


class Ranking:
    """The trained judge, asked which of 50 concepts a picture shows: the right one and 49 drawn once for ever by `SEED`."""

    def __init__(self, data, encoder):
        self.judge = Judge().eval()
        self.judge.load_state_dict(torch.load(data / "judge.pt", weights_only=True)["average"])
        concepts = load_concepts()
        self.places = {label: k for k, label in enumerate(concepts)}
        with torch.no_grad():
            self.concepts = torch.stack([F.normalize(self.judge.texts(wordings[: len(TEMPLATES)]).mean(0), dim=-1) for wordings in concept_wordings(concepts, encoder)])

    @torch.no_grad()
    def score(self, pictures, labels):
        """Whether each picture's concept comes first among its 50: bool [n]; and first among all: bool [n]."""
        found = torch.cat([self.judge.pictures(batch) for batch in pictures.split(64)]) @ self.concepts.T
        among_50, among_all = [], []
        for k, label in enumerate(labels):
            right = self.places[label]
            others = np.random.default_rng([SEED, k]).choice([p for p in range(len(self.places)) if p != right], 49, replace=False)
            among_50.append(bool(found[k, right] > found[k, others].max()))
            among_all.append(int(found[k].argmax()) == right)
        return np.array(among_50), np.array(among_all)


def held_out_accuracy(judge, wordings, places, drawings, pixels):
    """Share of real held-out pictures on white whose concept comes first among all."""
    held = [drawing for drawing in drawings if drawing.held_out]
    rgba = torch.from_numpy(pixels[[drawing.index for drawing in held]]).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        concepts = torch.stack([judge.texts(each[: len(TEMPLATES)]).mean(0) for each in wordings])
        best = (judge.pictures((rgba[:, :3] * rgba[:, 3:] + 1 - rgba[:, 3:]) * 2 - 1) @ F.normalize(concepts, dim=-1).T).argmax(1)
    return float(np.mean([places[drawing.label] == int(k) for drawing, k in zip(held, best)]))


def main(options, log):
    concepts = load_concepts()
    places = {label: k for k, label in enumerate(concepts)}
    drawings, pixels = load_drawings(options.data)
    trained = [drawing for drawing in drawings if not drawing.held_out]
    rgba = torch.from_numpy(pixels[[drawing.index for drawing in trained]]).permute(0, 3, 1, 2).contiguous()
    targets = torch.tensor([places[drawing.label] for drawing in trained])
    wordings = concept_wordings(concepts, TextEncoder(options.pack))
    judge, average = Judge(), Judge()
    average.load_state_dict(judge.state_dict())
    optimiser = torch.optim.AdamW(judge.parameters(), lr=RATE, weight_decay=0.05, betas=(0.9, 0.98), fused=True)
    random, step, spent = torch.Generator().manual_seed(SEED), 0, 0.0
    if options.resume:
        state = torch.load(options.data / "judge.pt", weights_only=True)
        judge.load_state_dict(state["judge"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        random.set_state(state["random"])
        step, spent = state["step"], state["spent"]
    budget, saved, losses = Budget(options.minutes, spent), time.monotonic(), []

    def save():
        weights = dict(judge=judge.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict())
        save_checkpoint(options.data / "judge.pt", dict(**weights, random=random.get_state(), step=step, spent=budget.spent))

    log(f"judge: {sum(p.numel() for p in judge.parameters()) / 1e6:.2f} M parameters, {len(trained)} pictures, {len(concepts)} concepts, {options.minutes} min from step {step}")
    while (share := budget.tick()) < 1:
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 100) * cosine(share) + 1e-6
        chosen = torch.randint(len(trained), (BATCH,), generator=random)
        pictures = augment(rgba[chosen].float() / 255, random)
        texts = torch.stack([each[int(torch.randint(len(each), (1,), generator=random))] for each in wordings])
        logits = judge.pictures(pictures) @ judge.texts(texts).T * judge.scale.exp().clamp_max(50)
        loss = F.cross_entropy(logits, targets[chosen], label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        losses.append(loss.item())
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(judge.parameters()), 1 - min(0.995, (1 + step) / (10 + step)))
        if step % 200 == 0:
            accuracy = held_out_accuracy(average, wordings, places, drawings, pixels)
            log(f"step {step} {100 * share:.0f} % {step * BATCH / budget.spent:.0f} pictures/s loss {np.mean(losses):.3f}; real held-out pictures first among {len(concepts)}: {100 * accuracy:.1f} %")
            losses = []
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            save()
    save()
    log(f"judge: {step} steps, {budget.spent / 60:.1f} min; real held-out pictures first among {len(concepts)}: {100 * held_out_accuracy(average, wordings, places, drawings, pixels):.1f} %")


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--resume", action="store_true", help="go on from DATA/judge.pt")
    parser.add_argument("--pack", default="models/packs/emoji", help="where the text encoder lies")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    prepare_torch(options.threads, SEED)
    main(options, Log(options.data / "judge.log"))
