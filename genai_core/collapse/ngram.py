"""A character n-gram model that writes, and learns from what it wrote: words vanish, and never come back.

Each row of the table is a chain of its own as in categorical.py. Text is read as a ring, so that every context has a follower.
"""

from collections.abc import Iterator

import numpy as np

from genai_core.collapse.plan import Generation, Plan, stream, whole
from genai_core.errors import BadInput

KNOWN = ("replace", "accumulate", "fresh", "grow")
MOST_LETTERS, MOST_CELLS, SHORTEST, LONGEST = 120, 40_000_000, 20, 200_000
SAMPLE = (
    "once upon a time a small model read every book in the library and learned to write. it wrote of foxes and rivers, of quiet "
    "kings and loud parrots, of zebras, quartz and jazz. its words were put back on the shelves, and the next model read them too. "
    "what was rare was written less, and what was written less was read less, until nobody remembered the zebras at all. "
    "the common words grew louder and louder, and the library, though it was fuller than ever, had less and less to say. ")


def letters_of(text: str) -> tuple[np.ndarray, str]:
    """The text in lower case with single spaces, as numbers, and its alphabet. BadInput for what cannot be learned from."""
    text = " ".join(str(text).lower().split()) + " "
    if len(text) < SHORTEST:
        raise BadInput(f"The text has {len(text) - 1} characters; a model needs at least {SHORTEST} to learn from. Paste a paragraph.")
    if len(text) > LONGEST:
        raise BadInput(f"The text has {len(text):,} characters; at most {LONGEST:,} are read.")
    alphabet = "".join(sorted(set(text)))
    if len(alphabet) < 3:
        raise BadInput("The text uses one letter only: there is nothing to forget. Paste a text with words in it.")
    if len(alphabet) > MOST_LETTERS:
        raise BadInput(f"The text uses {len(alphabet)} different characters; at most {MOST_LETTERS} fit the table. Take a shorter text.")
    place = {letter: i for i, letter in enumerate(alphabet)}
    return np.array([place[letter] for letter in text]), alphabet


def counted(ids: np.ndarray, order: int, letters: int) -> np.ndarray:
    """ids (S, n), read as rings -> counts (S, letters**order, letters) of what follows each context."""
    s, n = ids.shape
    context = np.zeros_like(ids)
    for back in range(order, 0, -1):
        context = context * letters + np.roll(ids, back, axis=1)
    cell = (np.arange(s)[:, None] * letters**order + context) * letters + ids
    return np.bincount(cell.ravel(), minlength=s * letters ** (order + 1)).reshape(s, letters**order, letters)


def written(rng, counts: np.ndarray, order: int, n: int, temperature: float) -> np.ndarray:
    """n letters from each table (S, C, V), each starting in a context drawn by how often it occurs.  -> (S, n)"""
    s, contexts, letters = counts.shape
    weights = counts.astype(float)
    if temperature != 1:
        weights = np.where(counts > 0, (weights / np.maximum(weights.max(2, keepdims=True), 1)) ** (1 / temperature), 0)
    upto = weights.cumsum(2)
    often = counts.sum(2).cumsum(1)
    row = np.arange(s)
    context = (often < rng.random((s, 1)) * often[:, -1:]).sum(1)
    out = np.empty((s, n), dtype=np.int64)
    draws = rng.random((n, s))
    for i in range(n):
        line = upto[row, context]
        letter = np.minimum((line <= draws[i][:, None] * line[:, -1:]).sum(1), letters - 1)
        out[:, i] = letter
        context = (context * letters + letter) % contexts
        dead = counts[row, context].sum(1) == 0  # only possible between a start and the ring's own contexts
        if dead.any():
            context[dead] = (often[dead] < rng.random((dead.sum(), 1)) * often[dead, -1:]).sum(1)
    return out


def read(ids: np.ndarray, alphabet: str) -> str:
    return "".join(alphabet[i] for i in ids)


def generations(plan: Plan, text: str = SAMPLE, order: int = 2, temperature: float = 1.0) -> Iterator[Generation]:
    """Generation 0 has learned from the text itself (n is how much each later model reads). Statistics (S,): ngrams, distinct ones in
    the table; words, distinct words of the text that are still written; entropy, bits per letter given its context; coverage,
    share of the real text's n-grams that the model can still write. state: (ids (S, n), alphabet): what each model read."""
    if plan.regime not in KNOWN:
        raise BadInput(f"The n-gram model knows the regimes {', '.join(KNOWN)}; you gave {plan.regime}.")
    if plan.bias != 1 or plan.estimator != "mle":
        raise BadInput("The n-gram model counts: leave --bias at 1 and --estimator at mle; --temperature says how it writes.")
    if isinstance(temperature, bool) or not 0.05 <= temperature <= 20:
        raise BadInput(f"temperature must be from 0.05 to 20; you gave {temperature!r}.")
    real, alphabet = letters_of(text)
    order, letters = whole("order", order, 1, 4), len(alphabet)
    if plan.seeds * letters ** (order + 1) > MOST_CELLS:
        raise BadInput(f"{letters} letters, {order} back, for {plan.seeds:,} chains is a table of {plan.seeds * letters ** (order + 1):,} "
                       f"cells; at most {MOST_CELLS:,}. Look fewer letters back, or run fewer chains.")
    if plan.n < SHORTEST:
        raise BadInput(f"n must be at least {SHORTEST} letters; you gave {plan.n}.")
    rng, s = stream(plan), plan.seeds
    ids = np.broadcast_to(real, (s, len(real)))
    counts = counted(ids, order, letters)
    true, vocabulary = counts[0], set(read(real, alphabet).split())
    for index in range(plan.generations + 1):
        total = counts.sum(2, keepdims=True)
        p = counts / np.maximum(total, 1)
        bits = -(p * np.log2(p, where=p > 0, out=np.zeros_like(p))).sum(2)
        yield Generation(index, {
            "ngrams": (counts > 0).sum((1, 2)).astype(float),
            "words": np.array([len(vocabulary & set(read(row, alphabet).split())) for row in ids], float),
            "entropy": (bits * total[..., 0]).sum(1) / total.sum((1, 2)),
            "coverage": (true * (counts > 0)).sum((1, 2)) / true.sum()}, (ids, alphabet))
        if index == plan.generations:
            return
        nr = plan.real_at(index + 1)
        ids = written(rng, counts, order, plan.size(index + 2) - nr, temperature)
        if nr:
            start = rng.integers(0, len(real), s)
            ids = np.concatenate([real[(start[:, None] + np.arange(nr)) % len(real)], ids], 1)
        fresh = counted(ids, order, letters)
        counts = counts + fresh if plan.regime == "accumulate" else fresh
