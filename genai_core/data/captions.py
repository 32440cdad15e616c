"""Captions for Picturebook scenes: many phrasings of the same facts, and the list of words they are made of."""

import difflib
import re

import numpy as np

from genai_core.data.picturebook import BACKGROUNDS, COLOURS, FILLS, OPPOSITE, SIZES, Scene
from genai_core.data.shapes import SHAPES

NUMBERS = {1: "one", 2: "two", 3: "three"}
SAME = {"small": ("small", "small", "little"), "large": ("large", "large", "big"), "gray": ("gray", "grey"),
        "solid": ("solid", "plain"), "left of": ("left of", "to the left of"), "right of": ("right of", "to the right of")}
LEADS = ("", "", "", "", "a picture of ", "draw ", "show ", "an image of ")


def plural(shape: str) -> str:
    return shape + ("es" if shape == "cross" else "s")


def _say(rng, word: str) -> str:
    options = SAME.get(word, (word,))
    return options[rng.integers(len(options))]


def _article(words: str) -> str:
    return ("an " if words[0] in "aeio" else "a ") + words


def _noun(rng, what: Scene, colour: str, shape: str, size: bool, fill: bool) -> str:
    """a noun phrase: 'a small striped red circle', 'two circles that are red and large'."""
    adjectives = [colour] + [_say(rng, what.size)] * size + [_say(rng, what.fill)] * fill
    order = rng.permutation(len(adjectives)) if rng.random() < 0.3 else range(len(adjectives) - 1, -1, -1)
    adjectives = [adjectives[i] for i in order]
    many = what.count > 1
    name = plural(shape) if many else shape
    if rng.random() < 0.12:
        told = adjectives[0] if len(adjectives) == 1 else ", ".join(adjectives[:-1]) + " and " + adjectives[-1]
        head = f"{NUMBERS[what.count]} {name}" if many else _article(name)
        return f"{head} that {'are' if many else 'is'} {told}"
    words = " ".join([*adjectives, name])
    if many:
        return f"{NUMBERS[what.count]} {words}"
    return f"one {words}" if rng.random() < 0.06 and not what.relation else _article(words)


def caption(what: Scene, rng: np.random.Generator, full: bool = False) -> str:
    """One sentence that is true of the scene; full: with every factor named, else each of size, fill and background
    about half the time. The relation is told from either side."""
    size, fill, paper = (full or rng.random() < p for p in (0.5, 0.5, 0.65))
    subject = _noun(rng, what, what.colour, what.shape, size, fill)
    verb = "are" if what.count > 1 else "is"
    if what.relation:
        other = _noun(rng, what, what.colour2, what.shape2, size, fill)
        relation = what.relation
        if rng.random() < 0.3:
            subject, other, relation = other, subject, OPPOSITE[relation]
        relation = _say(rng, relation)
        style = rng.random()
        if style < 0.08:
            subject = f"{relation} {other} is {subject}"
        else:
            subject = f"{subject}{' is' if style < 0.2 else ''} {relation} {other}"
    if not paper:
        return LEADS[rng.integers(len(LEADS))] + subject if not subject.startswith(("above", "below", "left", "right", "to")) else subject
    ground = _say(rng, what.background)
    style = rng.integers(7)
    if style == 0:
        return f"{ground} background with {subject}" if not what.relation else f"{ground} background, {subject}"
    if style == 1:
        return f"on {_article(ground)} background {'there ' + verb + ' ' if not what.relation else ''}{subject}"
    if style == 2:
        return f"{subject}, {ground} background"
    lead = LEADS[rng.integers(len(LEADS))] if not subject.startswith(("above", "below", "left", "right", "to")) else ""
    return f"{lead}{subject} on {ground if style < 5 else _article(ground) + ' background'}"


WORDS = tuple(sorted({
    *SHAPES, *map(plural, SHAPES), *COLOURS, *BACKGROUNDS, *SIZES, *FILLS, *NUMBERS.values(),
    *" ".join(word for options in SAME.values() for word in options).split(), *" ".join(LEADS).split(),
    *"a an and above are background below is left of on right that there to with".split()}))


def split_words(text: str) -> list[str]:
    """The words of a text, lower case, as the tokenizer's user sees them."""
    return re.findall(r"[^\W_]+", text.lower())


def _words_and_signs(text: str) -> list[str]:
    """The words, and every sign that is no ordinary punctuation, such as an emoji, in order."""
    return re.findall(r"[^\W_]+|[^\w\s!-/:-@\[-`{-~\u2010-\u2027\ufe0f\u200d]", text.lower())


def unknown_words(text: str) -> list[tuple[str, str | None]]:
    """Words and signs that no training caption has, each with the nearest known word (or None), in order, once each."""
    missing = dict.fromkeys(word for word in _words_and_signs(text) if word not in WORDS)
    return [(word, next(iter(difflib.get_close_matches(word, WORDS, 1, 0.72)), None)) for word in missing]
