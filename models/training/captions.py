"""Wordings of a picture: names and everyday words, styles, tags, colours and backgrounds in varying templates."""

STYLED = ("a {style} drawing of {a_name}", "{a_name} in {style} style", "{name}, {style} style", "a {style} style picture of {a_name}")
PLAIN = ("{name}", "{a_name}", "a drawing of {a_name}", "a picture of {a_name}")
STYLED_SHARE, WORD_SHARE, TAG_SHARE, WHITE_NAMED_SHARE = 0.55, 0.5, 0.15, 0.12
# Spelt with a vowel and spoken without one, or the other way round.
CONSONANT_STARTS = ("uni", "use", "ufo", "one", "eu")
VOWEL_STARTS = ("hour", "heir", "hono")


def with_article(phrase):
    """"an owl", "a unicorn"; phrases in the plural and those that begin with an article stay as they are."""
    first, last = phrase.split()[0].lower(), phrase.split()[-1].lower()
    is_plural = last.endswith("s") and not last.endswith(("us", "ss", "is"))
    if first in ("a", "an", "the") or is_plural:
        return phrase
    is_vowel = (first[0] in "aeiou" and not first.startswith(CONSONANT_STARTS)) or first.startswith(VOWEL_STARTS)
    return f"{'an' if is_vowel else 'a'} {phrase}"


def caption(drawing, words, background, colour, random):
    """One wording; `words` are the everyday words of the drawing's concept, `random` a numpy Generator."""
    name = str(random.choice(words)) if words and random.random() < WORD_SHARE else drawing.label
    tags = [tag for tag in drawing.tags if tag not in drawing.label]
    if colour is not None:
        name = f"{colour} {name}"
    elif tags and random.random() < TAG_SHARE:
        chosen = random.permutation(tags)[: random.integers(1, 4)]
        name = f"{name}, {', '.join(map(str, chosen))}"
    templates = STYLED if random.random() < STYLED_SHARE else PLAIN
    text = templates[random.integers(len(templates))].format(style=drawing.style, name=name, a_name=with_article(name))
    if background != "white" or random.random() < WHITE_NAMED_SHARE:
        named = f"{background} background"
        text += f" on {with_article(named)}" if random.random() < 0.75 else f", {named}"
    return text
