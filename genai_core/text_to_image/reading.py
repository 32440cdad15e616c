"""CLIP the other way round: which words belong to a picture?

Similarity is the cosine between the unit vectors of picture and text; shares are the softmax of similarity times CLIP's
own learned scale, over the texts that were offered. Source: Radford et al. 2021, arXiv:2103.00020, section 3.1; averaging
the vectors of many phrasings of one word ("prompt ensembling"): section 3.1.4.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from genai_core import runtime
from genai_core.data import picturebook
from genai_core.data.captions import NUMBERS, caption, plural
from genai_core.data.picturebook import BACKGROUNDS, COLOURS, FILLS, OPPOSITE, SIZES, Scene
from genai_core.data.shapes import SHAPES
from genai_core.errors import BadInput
from genai_core.text_to_image import hub
from genai_core.text_to_image.pipeline import _LOADING, POCKET, import_libraries

BATCH = 100
MOST_TEXTS, LONGEST_TEXT = 40, 300   # texts, characters
MOST_PAIRS = 5000


@dataclass(frozen=True, eq=False)
class Reader:
    """A CLIP that is ready to read. prepare: a PIL picture to its tensor. tokens: texts to ids. size: pixels it looks at."""

    name: str
    model: torch.nn.Module
    prepare: Callable
    tokens: Callable[[list[str]], torch.Tensor]
    size: int

    @property
    def scale(self) -> float:
        """What similarity is multiplied by before the softmax, at most 100."""
        return min(100.0, float(self.model.logit_scale.exp()))

    @property
    def where(self) -> torch.device:
        return next(self.model.parameters()).device

    def prepared(self, pictures: Sequence[np.ndarray]) -> torch.Tensor:
        """Pictures (h, w, 3) uint8, of any size  -> (n, 3, size, size), the middle square as the towers want it."""
        from PIL import Image

        return torch.stack([self.prepare(Image.fromarray(picture)) for picture in pictures])

    def seen(self, picture: np.ndarray) -> np.ndarray:
        """What CLIP gets to see of a picture.  -> (size, size, 3) uint8"""
        from PIL import Image
        from torchvision.transforms import Normalize

        shown = self.prepare.transforms[:-1] if isinstance(self.prepare.transforms[-1], Normalize) else self.prepare.transforms
        image = Image.fromarray(picture)
        for step in shown:
            image = step(image)
        return (image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)

    @torch.no_grad()
    def pictures(self, pictures: Sequence[np.ndarray]) -> torch.Tensor:
        """Unit vectors of pictures (h, w, 3) uint8.  -> (n, embed) float32"""
        parts = [self.prepared(pictures[i:i + BATCH]) for i in range(0, len(pictures), BATCH)]
        return torch.cat([self.model.encode_image(part.to(self.where), normalize=True).float().cpu() for part in parts])

    @torch.no_grad()
    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit vectors of texts.  -> (n, embed) float32"""
        parts = [self.tokens(list(texts[i:i + BATCH])) for i in range(0, len(texts), BATCH)]
        return torch.cat([self.model.encode_text(part.to(self.where), normalize=True).float().cpu() for part in parts])


@lru_cache(maxsize=2)
def _open(folder: str, name: str) -> Reader:
    import_libraries()
    import open_clip

    place = Path(folder)
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    words, most = model.token_embedding.num_embeddings, model.context_length
    if (place.parent / "tokenizer").is_dir():  # a CLIP inside a Stable Diffusion folder reads with that model's tokenizer
        from transformers import AutoTokenizer

        own = AutoTokenizer.from_pretrained(str(place.parent / "tokenizer"), local_files_only=True)
        size = len(own)

        def tokens(texts):
            return own(texts, padding="max_length", max_length=most, truncation=True, return_tensors="pt").input_ids
    else:
        tokens = open_clip.get_tokenizer(f"local-dir:{folder}")
        size = getattr(tokens, "vocab_size", None) or len(tokens.tokenizer)
    if size != words:  # a lost file can leave a tokenizer of two tokens behind, without an error
        raise BadInput(f"The CLIP in {name!r} does not fit its tokenizer: it knows {words:,} tokens, the tokenizer {size:,}.")
    model = model.eval().requires_grad_(False).to(runtime.device())
    return Reader(name, model, prepare, tokens, int(model.visual.image_size[0]))


def reader(model: str | Path = "pocket") -> Reader:
    """The CLIP called "pocket" or "ViT-B-32", or in a folder with open_clip_config.json (or with a clip/ that has one).
    Read-only, one for all visitors. BadInput, with a sentence, where there is none."""
    name = str(model)
    if name in hub.CLIPS:
        folder = hub.fetched(hub.CLIPS[name], hub.CLIP)
    else:
        folder = POCKET if name == "pocket" else Path(model).expanduser()
        folder = folder / "clip" if (folder / "clip").is_dir() else folder
    if not (folder / "open_clip_config.json").is_file():
        raise BadInput(f"There is no CLIP {name!r}. Give \"pocket\", {', '.join(hub.CLIPS)}, or a folder that holds "
                       f"open_clip_config.json.{hub.nearest(name, ('pocket', *hub.CLIPS))}")
    with _LOADING:
        try:
            return _open(str(folder.resolve()), name)
        except BadInput:
            raise
        except Exception as error:
            raise BadInput(f"The CLIP in {name!r} cannot be opened; a file in it is damaged or missing "
                           f"({type(error).__name__}).") from error


# -- captions -------------------------------------------------------------------------------------------------------

def check_texts(texts: Sequence[str]) -> list[str]:
    """The texts, spaces tidied and empty ones left out; BadInput where nothing is left, or too many or too long."""
    kept = [" ".join(str(text).split()) for text in texts]
    kept = list(dict.fromkeys(text for text in kept if text))
    if not kept:
        raise BadInput("There is no caption to compare with. Give at least one, for example: a red circle on gray.")
    if len(kept) > MOST_TEXTS:
        raise BadInput(f"{len(kept)} captions are too many; at most {MOST_TEXTS} are compared at once.")
    for text in kept:
        if len(text) > LONGEST_TEXT:
            raise BadInput(f"A caption has {len(text):,} characters; at most {LONGEST_TEXT} are read: {text[:40]!r}…")
    return kept


def similarity(clip: Reader, pictures: Sequence[np.ndarray], texts: Sequence[str]) -> np.ndarray:
    """Cosine of every picture with every text, -1 to 1.  -> (pictures, texts) float64"""
    return (clip.pictures(pictures) @ clip.texts(texts).T).double().numpy()


def shares(similarities: np.ndarray, scale: float) -> np.ndarray:
    """Softmax of similarity times scale over the last axis: each row adds up to 1."""
    logits = np.asarray(similarities, float) * scale
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def ranking(similarities: np.ndarray, texts: Sequence[str], scale: float) -> list[dict]:
    """One picture's texts, the nearest first: [{text, similarity, share}]. similarities: (texts,)."""
    parts = shares(similarities, scale)
    order = np.argsort(-np.asarray(similarities), kind="stable")
    return [{"text": texts[i], "similarity": round(float(similarities[i]), 4), "share": round(float(parts[i]), 4)}
            for i in order]


# -- single words -----------------------------------------------------------------------------------------------------
# A bare word is not what CLIP was trained on, so each is asked for inside sentences, and the shares of all sentences that
# hold it are added up. First colour, shape and background; then, for the likeliest of these, size, fill and count.

FIRST = tuple((colour, shape, ground) for colour in COLOURS for shape in SHAPES for ground in BACKGROUNDS)
THEN = tuple((size, fill, n) for size in SIZES for fill in FILLS for n in NUMBERS)


def _article(words: str) -> str:
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def _sentence(size: str, fill: str, n: int, colour: str, shape: str, ground: str) -> str:
    thing = f"{size} {fill} {colour} {plural(shape) if n > 1 else shape}"
    return f"{_article(thing) if n == 1 else f'{NUMBERS[n]} {thing}'} on {ground}"


@lru_cache(maxsize=2)
def _first_texts(clip: Reader) -> torch.Tensor:
    return clip.texts([f"{_article(f'{colour} {shape}')} on {ground}" for colour, shape, ground in FIRST])  # (540, embed)


def _added_up(parts: np.ndarray, choices: Sequence[tuple], place: int) -> list[dict]:
    """Shares of whole sentences added up by the word that stands in this place, the largest first: [{text, share}]."""
    sums: dict[str, float] = {}
    for choice, part in zip(choices, parts, strict=True):
        sums[choice[place]] = sums.get(choice[place], 0.0) + float(part)
    return [{"text": word, "share": round(part, 4)} for word, part in sorted(sums.items(), key=lambda item: -item[1])]


def words_of(clip: Reader, pictures: Sequence[np.ndarray]) -> list[dict[str, list[dict]]]:
    """Zero-shot classification: for each picture and each factor all its words with their shares, the likeliest first.

    -> one {shape | colour | background | size | fill | count: [{text, share}]} a picture
    """
    seen, read = clip.pictures(pictures), []                                                # (n, embed)
    for parts, vector in zip(shares((seen @ _first_texts(clip).T).numpy(), clip.scale), seen, strict=True):
        told = {factor: _added_up(parts, FIRST, i) for i, factor in enumerate(("colour", "shape", "background"))}
        best = FIRST[int(parts.argmax())]
        fine = shares((clip.texts([_sentence(*choice, *best) for choice in THEN]) @ vector).numpy(), clip.scale)
        told |= {factor: _added_up(fine, [(z, f, NUMBERS[n]) for z, f, n in THEN], i)
                 for i, factor in enumerate(("size", "fill", "count"))}
        read.append({factor: told[factor] for factor in ("shape", *(f for f in told if f != "shape"))})
    return read


# -- retrieval ----------------------------------------------------------------------------------------------------------

def recall_of(similarities: np.ndarray) -> tuple[float, float]:
    """(image to text, text to image) recall@1 of a square matrix whose diagonal holds the true pairs.

    A hit is a true pair that is strictly nearer than every other: a model that says the same to all scores 0.
    """
    table = np.asarray(similarities, float)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not len(table):
        raise ValueError(f"the matrix must be square with a pair in each row, got {table.shape}")
    own = np.diag(table).copy()
    others = table.copy()
    np.fill_diagonal(others, -np.inf)
    return float((own > others.max(1)).mean()), float((own > others.max(0)).mean())


def recall_at_1(pictures: Sequence[np.ndarray], captions: Sequence[str], clip: Reader | None = None) -> tuple[float, float]:
    """(image to text, text to image): how often the nearest caption of a picture is its own, and the other way round."""
    if len(pictures) != len(captions):
        raise ValueError(f"{len(pictures)} pictures and {len(captions)} captions make no pairs")
    return recall_of(similarity(clip or reader(), pictures, captions))


def facts(what: Scene) -> tuple:
    """The factors that a full caption tells, the same whichever of two objects is named first."""
    if what.relation in ("below", "right of"):
        what = Scene(what.shape2, what.colour2, what.size, what.fill, what.count, what.background,
                     OPPOSITE[what.relation], what.shape, what.colour)
    return (what.shape, what.colour, what.size, what.fill, what.count, what.background, what.relation, what.shape2,
            what.colour2)


def held_out_pairs(n: int, seed: int, split: str = "train") -> tuple[list[np.ndarray], list[str]]:
    """n pictures (64, 64, 3) with captions that name every factor; any two differ in at least one. seed: one that no
    training used. split: train, unseen or all, as in the Picturebook."""
    if not 1 <= n <= MOST_PAIRS:
        raise ValueError(f"n must be from 1 to {MOST_PAIRS}, got {n}")
    pictures, captions, told = [], [], set()
    index = 0
    while len(pictures) < n:
        rng = picturebook.stream(seed, index)
        index += 1
        what = picturebook.scene(rng, split)
        if facts(what) in told:
            continue
        told.add(facts(what))
        pictures.append(picturebook.draw(what, rng))
        captions.append(caption(what, rng, full=True))
    return pictures, captions


def classification_shares(clip: Reader, n: int, seed: int) -> dict[str, tuple[int, int]]:
    """{factor: (right, of)} of the single words on n true scenes with one object: zero-shot classification, measured."""
    drawn = picturebook.scenes(n, seed, "all", "single")
    read = words_of(clip, [picture for _, picture, _ in drawn])
    truth = [{"shape": s.shape, "colour": s.colour, "background": s.background, "size": s.size, "fill": s.fill,
              "count": NUMBERS[s.count]} for s, _, _ in drawn]
    return {factor: (sum(got[factor][0]["text"] == true[factor] for got, true in zip(read, truth, strict=True)), n)
            for factor in truth[0]}


