"""Who stands where, from the caption alone: what a text tower has to know before a UNet can draw it.

"A red circle left of a blue square" and its reverse hold the same words, so CLIP's text tower gives them nearly the same
states (cosine 0.999, measured), and a UNet that reads such states does not learn the order either: as long as neither knows
it, no small change of one of them helps. A tower that must name the object on the left and the one on the right learns it
within some hundred updates. After Johnson et al. 2017, arXiv:1612.06890 (CLEVR), who ask the same of pictures.
"""

import copy

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from genai_core.data.layouts import SIZES

ANCHOR = 1.0    # how strongly the states are held to those that the UNet reads already
READ_BY = (0, 0, 1, 1, 2)  # the query that answers for each label


class PictureLayout(nn.Module):
    """A text tower, and three queries that read its states: the object on the left or above, the other one, and the axis."""

    def __init__(self, text: nn.Module | None = None, width: int = 128, heads: int = 4):
        """text: gives the states (B, 32, width) of token ids and learns; without it an untrained table stands in."""
        super().__init__()
        self.text = (text if text is not None else nn.Embedding(4096, width)).requires_grad_(True)
        self.before = copy.deepcopy(self.text).requires_grad_(False)
        self.queries = nn.Parameter(torch.randn(3, width) * 0.5)
        self.read = nn.TransformerDecoder(nn.TransformerDecoderLayer(width, heads, 2 * width, 0.0, batch_first=True, norm_first=True),
                                          1, nn.LayerNorm(width))
        self.answers = nn.ModuleList(nn.Linear(width, size) for size in SIZES)

    def forward(self, states):
        """Text states (B, 32, width) -> logits of each label, five tensors (B, SIZES[i])."""
        seen = self.read(self.queries.expand(len(states), -1, -1), states)
        return [answer(seen[:, query]) for answer, query in zip(self.answers, READ_BY, strict=True)]

    def states(self, ids, text=None):
        """Text states of token ids (B, 32) -> (B, 32, width)."""
        out = (text or self.text)(ids)
        return out if torch.is_tensor(out) else out.last_hidden_state

    def turns(self, batch, rng):
        """batch: (ids (B, 32), labels (B, 5)) -> one turn: the labels' cross-entropies, and how far the states have moved."""
        ids, labels = batch
        states = self.states(ids)
        told = sum(cross_entropy(logits.float(), label) for logits, label in zip(self(states), labels.T, strict=True))
        yield "loss", told + ANCHOR * mse_loss(states.float(), self.states(ids, self.before).float()), self
