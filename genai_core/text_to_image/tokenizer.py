"""The pocket model's tokenizer: CLIP's byte-level pair encoding, merged until every Picturebook word is one token.

It is kept as two files, made once: among equally frequent pairs the learner's order changes from process to process,
and weights only mean something with the numbers that they were trained on.
"""

import json
from functools import cache
from pathlib import Path

import torch

from genai_core.data.captions import WORDS

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "models" / "tokenizer"
CONTEXT = 32  # tokens in a prompt, start and end included
START, END = "<|startoftext|>", "<|endoftext|>"


def learn(folder: Path) -> None:
    """Learn a vocabulary and its merges from the words of all captions, and write vocab.json and merges.txt.

    Weights that were trained with another order of tokens cannot be used with it. The end token has the highest id:
    open_clip pools there.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.pre_tokenizer = pre_tokenizers.Whitespace()
    learner.train_from_iterator([" ".join(WORDS)], trainers.BpeTrainer(
        vocab_size=4000, min_frequency=1, end_of_word_suffix="</w>", show_progress=False))
    merges = [m.split() if isinstance(m, str) else m for m in json.loads(learner.to_str())["model"]["merges"]]
    tokens = [*alphabet, *(a + "</w>" for a in alphabet), *dict.fromkeys("".join(m) for m in merges), START, END]
    folder.mkdir(parents=True, exist_ok=True)
    numbered = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    (folder / "vocab.json").write_text(json.dumps(numbered, indent=0) + "\n", encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")


@cache
def tokenizer(folder: Path = FOLDER):
    """The tokenizer in `folder`, as transformers' CLIPTokenizer."""
    from transformers import CLIPTokenizer

    loaded = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=CONTEXT)
    if len(loaded) < 512:  # transformers can return a two-token tokenizer without an error
        raise RuntimeError(f"the tokenizer in {folder} has {len(loaded)} tokens: its files are lost")
    return loaded


def encode(texts: list[str]) -> torch.Tensor:
    """Texts as token ids, cut or padded to the context.  -> (len(texts), 32) int64"""
    ids = tokenizer()(texts, padding="max_length", max_length=CONTEXT, truncation=True, return_tensors="pt")
    return ids.input_ids
