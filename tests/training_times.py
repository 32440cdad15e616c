"""How long an epoch of the lecture's VAE takes: the lecture's own loop against ours, in pairs that alternate, equal threads.

Needs MNIST: set GENLENS_DATA to the folder that holds MNIST/raw. Two floors say what the matrix products alone would take.
Twice: by the clock on all cores, and in processor seconds on one thread, which hold on a machine that does other work too.
"""

import os
import statistics
import time

import torch
from torch import nn, optim
from torch.nn import functional as F

from genai_core import course, runtime
from genai_core.data import pictures

PAIRS, BATCH = 3, 128


class LectureVAE(nn.Module):
    """As on the slide."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x):
        h = F.relu(self.fc1(x.view(-1, 784)))
        mu, logvar = self.fc21(h), self.fc22(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def lecture_epochs(folder: str, number: int, seed: int, rows: int | None = None, clock=time.perf_counter):
    """Yield (seconds, loss) of each epoch of the lecture's loop on torchvision.MNIST with ToTensor."""
    from torchvision import datasets, transforms

    whole = datasets.MNIST(folder, train=True, transform=transforms.ToTensor())
    yield from lecture_loop(whole if rows is None else torch.utils.data.Subset(whole, range(rows)), number, seed, clock)


def lecture_loop(dataset, number: int, seed: int, clock=time.perf_counter):
    """Yield (seconds, loss) of each epoch: a DataLoader over (picture, label), Adam 1e-3, the loss summed over a batch."""
    torch.manual_seed(seed)
    loader = torch.utils.data.DataLoader(dataset, batch_size=BATCH, shuffle=True)
    model = LectureVAE()
    optimiser = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(number):
        began, total = clock(), 0.0
        for data, _ in loader:
            again, mu, logvar = model(data)
            optimiser.zero_grad()
            misfit = F.binary_cross_entropy(again, data.view(-1, 784), reduction="sum")
            loss = misfit - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            loss.backward()
            total += loss.item()
            optimiser.step()
        yield clock() - began, total / len(loader.dataset)


def our_epochs(data: torch.Tensor, number: int, seed: int, precision: str, clock=time.perf_counter):
    """Yield (seconds, loss) of each of our epochs of the same model, from the same weights, in the same order, with the same noise."""
    (model, stream), before = course.lecture_vae(seed), clock()
    for epoch in course.epochs(model, data, number, seed, course.knobs(batch=BATCH, precision=precision, summed=True), stream=stream):
        now = clock()
        yield now - before, epoch.loss
        before = now


def floor(rows: int, dtype: torch.dtype, clock=time.perf_counter) -> float:
    """Seconds that the epoch's matrix products take alone: forward, and backward to weights and inputs."""
    sizes = ((784, 400), (400, 40), (20, 400), (400, 784))
    layers = [(torch.randn(BATCH, a).to(dtype), torch.randn(a, b).to(dtype), torch.randn(BATCH, b).to(dtype)) for a, b in sizes]
    began = clock()
    for _ in range(-(-rows // BATCH)):
        for i, (x, w, gradient) in enumerate(layers):
            x @ w
            x.T @ gradient
            if i:
                gradient @ w.T
    return clock() - began


def measure(pairs: int = PAIRS, rows: int | None = None, epochs: int = 1) -> dict:
    """{"seconds_on_all_cores": ..., "processor_seconds_on_one_thread": ...}, each as `paired`."""
    return {"seconds_on_all_cores": paired(None, time.perf_counter, pairs, rows, epochs),
            "processor_seconds_on_one_thread": paired(1, time.process_time, pairs, rows, epochs)}


def paired(threads: int | None, clock, pairs: int = PAIRS, rows: int | None = None, epochs: int = 1) -> dict:
    """Medians over pairs of the last epoch: seconds, the lecture's as a multiple of ours, losses, and shares of the floor."""
    folder = os.environ.get("GENLENS_DATA")
    if not folder or not pictures.there("mnist", folder):
        return {"skipped": "needs MNIST: set GENLENS_DATA to the folder that holds MNIST/raw"}
    threads, data = runtime.set_threads(threads), pictures.read("mnist", n=rows, folder=folder).pictures
    took: dict[str, list[float]] = {"lecture": [], **{precision: [] for precision in runtime.PRECISIONS}}
    losses: dict[str, list[float]] = {way: [] for way in took}
    for seed in range(pairs):
        for way in took:
            *_, (seconds, loss) = (lecture_epochs(folder, epochs, seed, rows, clock) if way == "lecture"
                                  else our_epochs(data, epochs, seed, way, clock))
            took[way].append(seconds)
            losses[way].append(loss)
    told = {"threads": threads, "pictures": len(data), "pairs": pairs}
    for way, seconds in took.items():
        told[way] = {"seconds": statistics.median(seconds), "loss": statistics.mean(losses[way])}
    for precision, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        least = statistics.median(floor(len(data), dtype, clock) for _ in range(3))
        told[precision] |= {"lecture_times_ours": statistics.median(a / b for a, b in zip(took["lecture"], took[precision], strict=True)),
                            "floor_s": least, "floor_share": least / told[precision]["seconds"]}
    return told
