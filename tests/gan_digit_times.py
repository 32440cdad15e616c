"""How long a turn of the slide's GAN takes: the slide's own loop against ours, in pairs that alternate, equal threads.

Needs MNIST: set GENLENS_DATA to the folder that holds MNIST/raw. Twice: by the clock on all cores, and in processor seconds on one
thread, which hold on a machine that does other work too. A turn is one update of each player on a batch of 64.
"""

import os
import statistics
import time

import torch
from torch import nn, optim

from genai_core import models, runtime
from genai_core.data import pictures
from genai_core.digit_gans.experiment import knobs
from genai_core.digit_gans.settings import BATCH, TAUGHT, Settings
from genai_core.training import train

PAIRS, TURNS, FIRST = 3, 400, 20   # the first turns warm up and are not timed


class Discriminator(nn.Module):
    """As on the slide."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1),
                                nn.Sigmoid())

    def forward(self, x):
        return self.fc(x.view(x.size(0), -1))


class Generator(nn.Module):
    """As on the slide."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(100, 256), nn.LeakyReLU(0.2), nn.BatchNorm1d(256), nn.Linear(256, 256), nn.LeakyReLU(0.2),
                                nn.BatchNorm1d(256), nn.Linear(256, 784), nn.Tanh())

    def forward(self, x):
        return self.fc(x)


def slide_batches(folder: str):
    """The loader that goes with the slide: torchvision's MNIST, scaled to -1 to 1, shuffled."""
    from torchvision import datasets, transforms

    whole = datasets.MNIST(folder, train=True, transform=transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]))
    while True:
        yield from torch.utils.data.DataLoader(whole, batch_size=BATCH, shuffle=True)


def slide_turns(batches, number: int, seed: int, clock) -> float:
    """Seconds of `number` turns of the slide's loop."""
    torch.manual_seed(seed)
    discriminator, generator, criterion = Discriminator(), Generator(), nn.BCELoss()
    d_optimizer = optim.Adam(discriminator.parameters(), lr=TAUGHT["rate"])
    g_optimizer = optim.Adam(generator.parameters(), lr=TAUGHT["rate"])
    began = clock()
    for turn in range(FIRST + number):
        if turn == FIRST:
            began = clock()
        images, _ = next(batches)
        n = images.size(0)
        real_images, real_labels, fake_labels = images.view(n, -1), torch.ones(n, 1), torch.zeros(n, 1)
        d_loss_real = criterion(discriminator(real_images), real_labels)
        d_loss_fake = criterion(discriminator(generator(torch.randn(n, 100))), fake_labels)
        d_loss = d_loss_real + d_loss_fake
        d_optimizer.zero_grad()
        g_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        g_loss = criterion(discriminator(generator(torch.randn(n, 100))), real_labels)
        d_optimizer.zero_grad()
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        d_loss.item(), g_loss.item()
    return clock() - began


def our_turns(data: pictures.Pictures, number: int, seed: int, precision: str, clock) -> float:
    """Seconds of `number` of ours: the same networks, loss and optimiser."""
    settings = Settings(**TAUGHT, data="mnist", pictures=60_000, seed=seed)
    model = models.build("digit_gan", seed, **settings.model(28))
    began = clock()
    for step in train(model, (data.pictures, data.labels), FIRST + number, seed, knobs(settings, precision)):
        if step.index == FIRST:
            began = clock()
    return clock() - began


def shares(data: pictures.Pictures, repeats: int = 200) -> dict:
    """Where the processor time of one of our turns goes: drawing the batch, D's loss and its gradient, G's, and both optimisers."""
    settings = Settings(**TAUGHT, data="mnist", pictures=60_000)
    model, given, rng = models.build("digit_gan", 0, **settings.model(28)), knobs(settings), runtime.rng(0)
    optimisers = {name: optim.Adam(part.parameters(), lr=given.rate, **given.options)
                  for name, part in (("discriminator", model.discriminator), ("generator", model.generator))}
    spent = dict.fromkeys(("batch", "d_loss", "d_gradient", "g_loss", "g_gradient", "steps"), 0.0)
    now = time.thread_time
    for _ in range(repeats):
        mark = now()
        rows = torch.randint(len(data), (BATCH,), generator=rng)
        batch = (data.pictures.index_select(0, rows), data.labels.index_select(0, rows))
        spent["batch"] += now() - mark
        mark = now()
        for name, loss, part, *_ in model.turns(batch, rng):
            spent[f"{name[0]}_loss"] += now() - mark
            mark = now()
            optimisers[name].zero_grad()
            loss.backward(inputs=list(part.parameters()))
            spent[f"{name[0]}_gradient"] += now() - mark
            mark = now()
            optimisers[name].step()
            spent["steps"] += now() - mark
            mark = now()
    whole = sum(spent.values())
    return {"turn_ms": round(1000 * whole / repeats, 3), **{f"{name}_share": round(part / whole, 3) for name, part in spent.items()}}


def paired(threads: int | None, clock, folder: str, pairs: int = PAIRS, number: int = TURNS) -> dict:
    """Medians over pairs: milliseconds of a turn, and the slide's as a multiple of ours."""
    threads, data = runtime.set_threads(threads), pictures.read("mnist", folder=folder)
    batches, took = slide_batches(folder), {"slide": [], **{precision: [] for precision in runtime.PRECISIONS}}
    for seed in range(pairs):
        for way in took:
            took[way].append(slide_turns(batches, number, seed, clock) if way == "slide" else our_turns(data, number, seed, way, clock))
    told = {"threads": threads, "pairs": pairs, "turns": number}
    for way, seconds in took.items():
        told[way] = {"turn_ms": round(1000 * statistics.median(seconds) / number, 3)}
        if way != "slide":
            told[way]["slide_times_ours"] = round(statistics.median(a / b for a, b in zip(took["slide"], seconds, strict=True)), 2)
    return told


def measure(pairs: int = PAIRS, number: int = TURNS) -> dict:
    """{"seconds_on_all_cores", "processor_seconds_on_one_thread", "where_the_time_goes"}, or why not."""
    folder = os.environ.get("GENLENS_DATA")
    if not folder or not pictures.there("mnist", folder):
        return {"skipped": "needs MNIST: set GENLENS_DATA to the folder that holds MNIST/raw"}
    told = {"seconds_on_all_cores": paired(None, time.perf_counter, folder, pairs, number),
            "processor_seconds_on_one_thread": paired(1, time.process_time, folder, pairs, number)}
    return told | {"where_the_time_goes": shares(pictures.read("mnist", folder=folder))}
