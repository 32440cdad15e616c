"""Autoencoder of digits: the lecture's 784-512-256-128 network and back, and its relatives as one family.

Sources: Hinton & Salakhutdinov 2006, doi:10.1126/science.1127647; Vincent et al. 2010, JMLR 11:3371 (noise, masking);
Ng 2011, CS294A lecture notes, "Sparse autoencoder" (KL to a target rate).
"""

import torch
from torch import nn
from torch.nn.functional import linear, mse_loss

from genai_core.errors import BadInput
from genai_core.models.digit_networks import networks, one_of, share_of, unit

CODES = {"relu": nn.ReLU, "linear": nn.Identity, "sigmoid": nn.Sigmoid}
SPARSE = ("none", "l1", "kl")
NOISES = ("none", "gaussian", "masking")
MEMORY = 100  # batches over which the mean and the deviation of the codes are kept


class DigitAutoencoder(nn.Module):
    """Squeeze a picture into `bottleneck` numbers and draw it back, with as little squared error as possible.

    code: what the bottleneck's numbers pass through. sparse: none, l1 (mean size of the code), kl (each number's mean near
    `rate`; needs code sigmoid), weighed by sparse_weight. tied: the decoder uses the encoder's weights, turned round.
    noise: none, gaussian (of deviation `amount`) or masking (a share `amount` of pixels set to 0) on what is encoded.
    """

    def __init__(self, bottleneck: int = 128, hidden: tuple[int, ...] = (512, 256), network: str = "dense", code: str = "relu",
                 sparse: str = "none", sparse_weight: float = 1e-3, rate: float = 0.05, tied: bool = False,
                 noise: str = "none", amount: float = 0.3, channels: int = 16, size: int = 28):
        super().__init__()
        self.size = size
        one_of("code", code, CODES)
        self.encoder, self.head, self.decoder = networks(network, size, hidden, bottleneck, bottleneck, "relu", channels)
        self.code, self.bottleneck, self.tied = CODES[code](), bottleneck, bool(tied)
        self.sparse, self.noise = one_of("sparse", sparse, SPARSE), one_of("noise", noise, NOISES)
        self.sparse_weight, self.amount = share_of("sparse weight", sparse_weight, 100), share_of("noise amount", amount)
        self.rate = share_of("rate", rate)
        if sparse == "kl" and (code != "sigmoid" or not 0 < self.rate < 1):
            raise BadInput("sparse kl compares rates of firing: it needs code sigmoid, and a rate between 0 and 1.")
        if tied:
            if network != "dense":
                raise BadInput("Tied weights are for the dense network.")
            for layer in self.decoder.layers:
                del layer.weight  # only its bias is its own
        self.register_buffer("code_mean", torch.zeros(bottleneck))
        self.register_buffer("code_square", torch.ones(bottleneck))
        self.register_buffer("batches_seen", torch.zeros(()))

    def encode(self, x):
        """Pictures (B, 1, S, S), uint8 or 0-1 -> codes (B, bottleneck)."""
        return self.code(self.head(self.encoder(unit(x))).float())

    def decode(self, z):
        """Codes (B, bottleneck) -> pictures (B, 1, S, S), 0-1."""
        if not self.tied:
            return self.decoder(z).float().sigmoid()
        h, turned = z, [self.head, *reversed(self.encoder.layers)]
        for i, (layer, own) in enumerate(zip(turned, self.decoder.layers, strict=True)):
            h = linear(h, layer.weight.T, own.bias)
            h = h.relu() if i < len(turned) - 1 else h
        return h.float().sigmoid().view(len(z), 1, self.decoder.size, self.decoder.size)

    def spoilt(self, x, rng):
        """x (B, 1, S, S) 0-1 as the encoder gets to see it in training."""
        if self.noise == "gaussian":
            return x + self.amount * torch.randn(x.shape, generator=rng, device=x.device)
        if self.noise == "masking":
            return x * (torch.rand(x.shape, generator=rng, device=x.device) >= self.amount)
        return x

    def turns(self, batch, rng):
        """batch: pictures (B, 1, S, S), alone or first of a tuple -> one turn: mean squared error per pixel, and the cost
        of the code where it is to be sparse; notes: the squared error alone."""
        x = unit(batch)
        z = self.encode(self.spoilt(x, rng))                                              # (B, bottleneck)
        reconstruction = mse_loss(self.decode(z), x)
        loss = reconstruction
        if self.sparse == "l1":
            loss = loss + self.sparse_weight * z.abs().mean()
        if self.sparse == "kl":
            mean, rate = z.mean(0).clamp(1e-6, 1 - 1e-6), self.rate                       # (bottleneck,)
            away = rate * (rate / mean).log() + (1 - rate) * ((1 - rate) / (1 - mean)).log()
            loss = loss + self.sparse_weight * away.sum()
        if self.training:
            with torch.no_grad():
                self.batches_seen += 1
                new = 1 / self.batches_seen.clamp(max=MEMORY)
                self.code_mean.lerp_(z.mean(0), new)
                self.code_square.lerp_(z.square().mean(0), new)
        yield "loss", loss, self, {"reconstruction": reconstruction.detach()}

    @torch.no_grad()
    def sample(self, n, rng):
        """n pictures decoded from random codes, each number of its own mean and deviation: nothing was ever trained to
        make these look like the data.  -> (n, 1, S, S), 0-1"""
        deviation = (self.code_square - self.code_mean.square()).clamp(min=0).sqrt()
        z = self.code_mean + deviation * torch.randn(n, self.bottleneck, generator=rng, device=rng.device)
        return self.decode(z.clamp(min=0) if isinstance(self.code, nn.ReLU) else z)
