"""The pocket model's tokenizer: CLIP's byte-level pair encoding, merged until every Picturebook word is one token."""

import json
import tempfile
from functools import cache
from pathlib import Path

import torch

from genai_core.data.captions import WORDS

CONTEXT = 32  # tokens in a prompt, start and end included
START, END = "<|startoftext|>", "<|endoftext|>"


def vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """(token -> id, merges in order). The end token has the highest id: open_clip pools there."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.pre_tokenizer = pre_tokenizers.Whitespace()
    learner.train_from_iterator([" ".join(WORDS)], trainers.BpeTrainer(
        vocab_size=4000, min_frequency=1, end_of_word_suffix="</w>", show_progress=False))
    merges = [tuple(m) for m in json.loads(learner.to_str())["model"]["merges"]]
    merges = [tuple(m[0].split()) if len(m) == 1 else m for m in merges]
    tokens = [*alphabet, *(a + "</w>" for a in alphabet), *dict.fromkeys("".join(m) for m in merges), START, END]
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}, merges


def save(folder: Path) -> None:
    """Write the tokenizer as transformers' CLIPTokenizer reads it."""
    from transformers import CLIPTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    tokens, merges = vocabulary()
    with tempfile.TemporaryDirectory() as place:
        vocab, merged = Path(place, "vocab.json"), Path(place, "merges.txt")
        vocab.write_text(json.dumps(tokens), encoding="utf-8")
        merged.write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")
        CLIPTokenizer(str(vocab), str(merged), model_max_length=CONTEXT).save_pretrained(folder)


@cache
def tokenizer():
    """The tokenizer, built in memory: the same as in the shipped folder."""
    from transformers import CLIPTokenizer

    with tempfile.TemporaryDirectory() as place:
        save(Path(place))
        loaded = CLIPTokenizer.from_pretrained(place)
    if len(loaded) < 512:  # transformers can return a two-token tokenizer without an error
        raise RuntimeError(f"the tokenizer has {len(loaded)} tokens; the files it was built from were lost")
    return loaded


def encode(texts: list[str]) -> torch.Tensor:
    """Texts as token ids, cut or padded to the context.  -> (len(texts), 32) int64"""
    ids = tokenizer()(texts, padding="max_length", max_length=CONTEXT, truncation=True, return_tensors="pt")
    return ids.input_ids
