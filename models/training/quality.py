"""Measures a set of weights and prints the figures; nothing is trained here.

    python models/training/quality.py [--name new --unet DATA/unet --vae DATA/vae]
    python models/training/quality.py --name shipped --unet models/packs/emoji/unet --vae models/packs/emoji/vae
    python models/training/quality.py ... --sweep          # judge's figure by scheduler, steps and guidance
    python models/training/quality.py ... --sheet docs/emoji-prompts.png

Every score stands beside the same score of real drawings. Wanted, fixed before training: autoencoder 31 dB on held-out pairs, 85 % of
trained concepts and 60 % of held-out pairs first among 50. Writes DATA/quality-NAME.json and sheets.
"""
import colorsys
import time

import numpy as np
import torch
from diffusers import AutoencoderKL
from pathlib import Path

from autoencoder import held_out_pictures, psnr
from captions import with_article
from judge import Ranking
from pictures import BACKGROUNDS, TINTS, can_be_tinted, compose, load_concepts, load_drawings
from sampling import Painter, write_sheet
from stage import Log, arguments, prepare_torch, write_json
from text import TextEncoder

SEED = 77_003
TRAINED, WORDS, COLOURS = 160, 60, 40
SWEEP = [("ddim", 20, 2.0), ("ddim", 20, 3.0), ("ddim", 20, 4.0), ("ddim", 20, 6.0), ("ddim", 12, 4.0), ("dpm++", 12, 3.0), ("dpm++", 20, 3.0), ("euler", 20, 4.0)]


def styled(drawing):
    return f"a {drawing.style} drawing of {with_article(drawing.label)}"


def on_white(pixels, drawings):
    return torch.from_numpy(np.stack([compose(pixels[drawing.index]) for drawing in drawings]))


def chosen_drawings(drawings):
    """160 trained pairs, no concept twice, and all held-out pairs: the same ones in every run."""
    random = np.random.default_rng(SEED)
    by_label = {}
    for drawing in drawings:
        if not drawing.held_out:
            by_label.setdefault(drawing.label, []).append(drawing)
    labels = random.choice(sorted(by_label), TRAINED, replace=False)
    trained = [by_label[label][random.integers(len(by_label[label]))] for label in labels]
    return trained, [drawing for drawing in drawings if drawing.held_out]


def share(hits):
    """Percentage with its standard error."""
    mean = float(np.mean(hits))
    return f"{100 * mean:.1f} % (± {100 * (mean * (1 - mean) / len(hits)) ** 0.5:.1f})"


def wordings(concepts, key, count):
    """(word, label) pairs: everyday words that were trained on, or those that never were."""
    pairs = [(word, label) for label, concept in concepts.items() for word in concept.get(key, [])]
    order = np.random.default_rng(SEED).permutation(len(pairs))[:count]
    return [pairs[k] for k in order]


def colour_prompts(drawings):
    """(prompt, label, colour, background), tint and background never the same."""
    random = np.random.default_rng(SEED + 1)
    labels = sorted({drawing.label for drawing in drawings if can_be_tinted(drawing)})
    found = []
    for label in random.choice(labels, COLOURS, replace=False):
        colour = str(random.choice(list(TINTS)))
        background = str(random.choice([name for name in BACKGROUNDS if name not in (colour, "white")]))
        found.append((f"{with_article(f'{colour} {label}')} on {with_article(f'{background} background')}", str(label), colour, background))
    return found


def background_of(picture):
    """The name of the background colour nearest to the picture's corners."""
    corners = ((picture[:, [0, 1, 2, 61, 62, 63]][:, :, [0, 1, 2, 61, 62, 63]].flatten(1).median(1).values + 1) * 127.5).numpy()
    return min(BACKGROUNDS, key=lambda name: np.abs(corners - np.array(BACKGROUNDS[name])).sum())


def has_colour(picture, colour, background):
    """Whether the picture's coloured parts, background left out, mostly have the hue (within 25°)."""
    pixels = ((picture + 1) / 2).clamp(0, 1).flatten(1).T.numpy()
    away = np.abs(pixels * 255 - np.array(BACKGROUNDS[background])).max(1) > 48
    hues = np.array([colorsys.rgb_to_hsv(*pixel) for pixel in pixels[away][::3]])
    if len(hues) == 0:
        return False
    hues = hues[(hues[:, 1] > 0.25) & (hues[:, 2] > 0.2)]
    if len(hues) < 20:
        return False
    distance = np.abs((hues[:, 0] * 360 - TINTS[colour] + 180) % 360 - 180)
    return bool((distance < 25).mean() > 0.5)


def nearest(pictures, wanted, drawings, pixels):
    """For each generated held-out pair: what the nearest trained drawing on white shows, by mean squared error at 32×32.

    Composed means nearer to the real, never seen drawing than to every trained one, or nearest to a trained one of another style of
    the concept without being it: the error to the nearest is printed beside that of reconstructing a trained drawing.
    """
    trained = [drawing for drawing in drawings if not drawing.held_out]
    shrink = lambda x: torch.nn.functional.avg_pool2d(x, 2).flatten(1)
    known, drawn, real = shrink(on_white(pixels, trained)), shrink(pictures), shrink(on_white(pixels, wanted))
    errors = torch.cdist(drawn, known).square() / known.shape[1]
    best = errors.argmin(1)
    to_real = (drawn - real).square().mean(1)
    same_concept = np.mean([trained[int(k)].label == drawing.label for k, drawing in zip(best, wanted)])
    return {
        "nearest trained drawing shows the same concept": float(same_concept),
        "nearer to the unseen drawing than to any trained one": float((to_real < errors.min(1).values).float().mean()),
        "median rms to the nearest trained drawing": float(errors.min(1).values.sqrt().median()),
        "copies (rms below 0.1)": int((errors.min(1).values.sqrt() < 0.1).sum()),
    }


def measure(options, log):
    data, started = options.data, time.time()
    concepts, (drawings, pixels) = load_concepts(), load_drawings(data)
    encoder = TextEncoder(options.pack)
    ranking, vae = Ranking(data, encoder), AutoencoderKL.from_pretrained(options.vae).float().eval()
    painter = Painter(options.unet, vae, options.pack, encoder)
    settings = dict(steps=options.steps, guidance=options.guidance, scheduler=options.scheduler)
    trained, held = chosen_drawings(drawings)
    figures = {"settings": settings}

    def note(name, value):
        figures[name] = value
        log(f"{options.name}: {name}: {value}")

    def rank(name, prompts, labels, pictures=None):
        drawn = painter.draw(prompts, **settings) if pictures is None else pictures
        among_50, among_all = ranking.score(drawn, labels)
        note(f"{name}: first among 50", share(among_50))
        note(f"{name}: first among {len(concepts)}", share(among_all))
        return drawn, among_50

    if options.sweep:
        for scheduler, steps, guidance in SWEEP:
            chosen = trained[:80] + held[:80]
            pictures = painter.draw([styled(d) for d in chosen], scheduler=scheduler, steps=steps, guidance=guidance)
            among_50, among_all = ranking.score(pictures, [d.label for d in chosen])
            log(f"{options.name}: {scheduler}, {steps} steps, guidance {guidance}: first among 50 {share(among_50)}, among all {share(among_all)}")
        return
    if options.sheet:
        prompts = (Path(__file__).parent / "prompts.txt").read_text().strip().split("\n")
        write_sheet(options.sheet, painter.draw(prompts, seeds=[1] * len(prompts), **settings), prompts)
        log(f"{options.name}: {len(prompts)} prompts, seed 1 each: {options.sheet}")
        return
    note("autoencoder, held-out pairs with all backgrounds and tints, dB", round(psnr(vae, held_out_pictures(data)), 2))
    note("autoencoder, held-out pairs on white, dB", round(psnr(vae, on_white(pixels, held)), 2))
    rank("real, trained", None, [d.label for d in trained], on_white(pixels, trained))
    rank("real, held out", None, [d.label for d in held], on_white(pixels, held))
    back = torch.cat([vae.decode(vae.encode(x).latent_dist.mode()).sample.clamp(-1, 1) for x in on_white(pixels, held).split(32)])
    rank("real, held out, through the autoencoder", None, [d.label for d in held], back)
    drawn, hits = rank("drawn, trained concepts", [styled(d) for d in trained], [d.label for d in trained])
    write_sheet(data / f"sheets/{options.name}-trained.png", drawn[:100], [d.label for d in trained[:100]])
    is_core = np.array([concepts[d.label].get("core", False) for d in trained])
    note("of these, core concepts", share(hits[is_core]))
    note("of these, other concepts", share(hits[~is_core]))
    drawn, _ = rank("drawn, held-out pairs", [styled(d) for d in held], [d.label for d in held])
    write_sheet(data / f"sheets/{options.name}-held-out.png", drawn[:100], [f"{d.style} {d.label}" for d in held[:100]])
    note("held-out pairs, nearest training picture", nearest(drawn, held, drawings, pixels))
    for key, name in (("words", "everyday words"), ("unseenWords", "words never trained on")):
        pairs = wordings(concepts, key, WORDS)
        drawn, _ = rank(f"drawn, {name}", [with_article(word) for word, _ in pairs], [label for _, label in pairs])
        write_sheet(data / f"sheets/{options.name}-{key}.png", drawn, [word for word, _ in pairs])
    asked = colour_prompts(drawings)
    drawn, _ = rank("drawn, colour and background asked for", [prompt for prompt, *_ in asked], [label for _, label, *_ in asked])
    note("the drawing has the colour", share([has_colour(p, colour, background) for p, (_, _, colour, background) in zip(drawn, asked)]))
    note("the background has the colour", share([background_of(p) == background for p, (*_, background) in zip(drawn, asked)]))
    write_sheet(data / f"sheets/{options.name}-colours.png", drawn, [f"{c} {label}/{b}" for _, label, c, b in asked])
    write_json(data / f"quality-{options.name}.json", figures)
    log(f"{options.name}: {time.time() - started:.0f} s")


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--name", default="new", help="names the figures and sheets")
    parser.add_argument("--unet", type=Path)
    parser.add_argument("--vae", type=Path)
    parser.add_argument("--pack", default="models/packs/emoji", help="where the text encoder lies")
    parser.add_argument("--scheduler", default="ddim", choices=("ddim", "dpm++", "euler"))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.unet = options.unet or options.data / "unet"
    options.vae = options.vae or options.data / "vae"
    prepare_torch(options.threads, SEED)
    with torch.no_grad():
        measure(options, Log(options.data / "quality.log"))
