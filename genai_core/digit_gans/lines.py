"""One turn of the game line by line, with the numbers that each line makes: taken on copies, so that the run goes on untouched."""

import copy
from dataclasses import dataclass

import torch
from torch.nn.utils import parameters_to_vector

from genai_core import runtime
from genai_core.digit_gans.loop import NEVER_DETACHED, Loop
from genai_core.gans.objectives import clip
from genai_core.models.digit_gan import DigitGAN
from genai_core.training import OPTIMISERS, Knobs, Snapshot

SHOWN = 10   # pictures of a batch that are drawn beside a line


@dataclass(frozen=True)
class Line:
    """name: of its caption. who: "d" or "g". code: as Python. numbers: what it made. pictures (10, S, S) 0-1, or None.
    wrong: whether the mistake stands here."""

    name: str
    who: str
    code: str
    numbers: dict[str, float]
    pictures: torch.Tensor | None = None
    wrong: bool = False


def strip(images: torch.Tensor, size: int) -> torch.Tensor:
    """The first ten of (B, S * S), -1 to 1.  -> (10, S, S), 0-1"""
    return ((images[:SHOWN].detach().float() + 1) / 2).clamp(0, 1).view(-1, size, size)


def weights(part: torch.nn.Module) -> torch.Tensor:
    return parameters_to_vector(part.parameters()).detach().clone()


def slope(part: torch.nn.Module) -> float:
    """Length of the gradient over all weights of a player, 0 where there is none."""
    found = [p.grad.square().sum() for p in part.parameters() if p.grad is not None]
    return torch.stack(found).sum().sqrt().item() if found else 0.0


def walk(model: DigitGAN, kept: Snapshot, data, given: Knobs, seed: int) -> list[Line]:
    """The turn that would follow the snapshot, of any objective. data: the training pictures; the batch is one of them at random,
    drawn from a stream of its own."""
    twin = copy.deepcopy(model)
    twin.load_state_dict(kept.weights)
    twin.train()
    rows = torch.randint(len(data), (given.batch,), generator=runtime.rng(seed + kept.index))
    real, labels = data.pictures[rows].float().flatten(1) / 127.5 - 1, data.labels[rows] if model.conditional else None
    dice = runtime.rng(0)
    dice.set_state(kept.streams[1])
    optimisers = {}
    for name, part in (("discriminator", twin.discriminator), ("generator", twin.generator)):
        optimisers[name] = OPTIMISERS[given.optimiser](part.parameters(), lr=given.rate_of(name), **given.options)
        if name in kept.optimisers:
            optimisers[name].load_state_dict(copy.deepcopy(kept.optimisers[name][1]))
    d, g, goal = twin.discriminator, twin.generator, twin.objective
    told = "" if labels is None else ", digits"

    def chance(x) -> float:
        return twin.chance(twin.score(x, labels).detach()).mean().item()

    found = [Line("real", "d", f"real{told} = next(batches)", {"n": len(real), "mean": real.mean().item()}, strip(real, twin.size))]
    with torch.no_grad():
        fake = twin.draw(twin.codes(len(real), dice), labels)
    found.append(Line("fake", "d", f"fake = generator(randn({len(real)}, {twin.latent}){told}).detach()",
                      {"n": len(real), "latent": twin.latent}, strip(fake, twin.size)))
    said = []

    def critic(x):
        again = None if labels is None else labels.repeat(len(x) // len(labels))
        with twin.drops_by(dice):
            said.append(twin.score(x, again))
        return said[-1]

    loss = goal.critic_loss(critic, real, fake, dice, twin.strength)
    scores = said[0].detach()
    on_real, on_fake = scores[:len(real)], scores[len(real):]
    before = {"on_real": twin.chance(on_real).mean().item(), "on_fake": twin.chance(on_fake).mean().item()}
    found.append(Line("judge", "d", f"on_real, on_fake = discriminator(real{told}), discriminator(fake{told})", before))
    plain = goal.critic(on_real, on_fake).item()
    more = "" if goal.penalty is None else f" + {twin.strength:g} * {goal.penalty.__name__}(...)"
    found.append(Line("d_loss penalty" if goal.penalty else "d_loss", "d", f"d_loss = {goal.critic.__name__}(on_real, on_fake){more}",
                      {"loss": loss.item(), "plain": plain, "penalty": loss.item() - plain if goal.penalty else 0.0}))
    optimisers["discriminator"].zero_grad()
    loss.backward(inputs=list(d.parameters()))
    found.append(Line("d_back", "d", "d_optimizer.zero_grad(); d_loss.backward()", {"d_slope": slope(d), "g_slope": slope(g)}))
    stood = weights(d)
    optimisers["discriminator"].step()
    if goal.keeps == "clip":
        clip(d, twin.strength)
    after = {"moved": (weights(d) - stood).norm().item(), "after_real": chance(real), "after_fake": chance(fake)}
    found.append(Line("d_step", "d", "d_optimizer.step()" + (f"; clip(discriminator, {twin.strength:g})" if goal.keeps == "clip" else ""),
                      before | after))
    z = twin.codes(len(real), dice)
    fake = twin.draw(z, labels)
    found.append(Line("codes", "g", f"fake = generator(randn({len(real)}, {twin.latent}){told})", {"n": len(real)}, strip(fake, twin.size)))
    with twin.drops_by(dice):
        scores = twin.score(fake, labels)
    was = twin.chance(scores.detach()).mean().item()
    found.append(Line("judged", "g", f"on_fake = discriminator(fake{told})", {"on_fake": was}))
    loss = goal.generator(scores)
    found.append(Line("g_loss", "g", f"g_loss = {goal.generator.__name__}(on_fake)", {"loss": loss.item()}))
    optimisers["generator"].zero_grad()
    loss.backward(inputs=list(g.parameters()))
    found.append(Line("g_back", "g", "g_optimizer.zero_grad(); g_loss.backward()", {"g_slope": slope(g)}))
    stood = weights(g)
    optimisers["generator"].step()
    with torch.no_grad():
        again = twin.draw(z, labels)
    found.append(Line("g_step", "g", "g_optimizer.step()", {"moved": (weights(g) - stood).norm().item(), "on_fake": was,
                                                            "after_fake": chance(again)}, strip(again, twin.size)))
    return found


def walk_loop(loop: Loop, real: torch.Tensor, dice: torch.Generator) -> list[Line]:
    """The next turn of the slide's loop, with its mistake; of one that broke, up to the line at which it did."""
    twin, mistake = twin_of(loop), loop.mistake
    rng, n, size = runtime.rng(0).set_state(dice.get_state()), len(real), loop.model.size
    ones, zeros = torch.ones(n, 1), torch.zeros(n, 1)
    d, g = twin.discriminator, twin.generator
    found = [Line("real", "d", "real_images = next(batches)", {"n": n, "mean": real.mean().item()}, strip(real, size))]
    z = twin.model.codes(n, rng)
    fake = g(z)
    never = mistake in NEVER_DETACHED
    code = f"fake_images = generator(randn({n}, {z.shape[1]}))" + ("" if never else ".detach()")
    if fake.shape[1] != size * size:
        found.append(Line("short", "d", code, {"n": n, "pixels": fake.shape[1], "wanted": size * size}, wrong=True))
        found.append(Line("broke", "d", "outputs = discriminator(fake_images)", {}, wrong=True))
        return found
    found.append(Line("fake held" if never else "fake", "d", code, {"n": n, "latent": z.shape[1]}, strip(fake, size), wrong=never))
    if loop.broke:
        return [*found, Line("broke", "d", "outputs = discriminator(fake_images)", {}, wrong=True)]
    on_real, on_fake = twin.discriminate(real), twin.discriminate(fake if never else fake.detach())
    before = {"on_real": on_real.mean().item(), "on_fake": on_fake.mean().item()}
    found.append(Line("relu" if mistake == "relu" else "judge", "d",
                      "on_real, on_fake = discriminator(real_images), discriminator(fake_images)",
                      before | {"dead": dead(d, real) if mistake == "relu" else 0.0}, wrong=mistake == "relu"))
    d_loss = twin.criterion(on_real, ones) + twin.criterion(on_fake, zeros)
    found.append(Line("d_loss", "d", "d_loss = criterion(on_real, ones) + criterion(on_fake, zeros)",
                      {"loss": d_loss.item(), "plain": d_loss.item(), "penalty": 0.0}))
    stale = mistake == "no_zero_grad"
    if not stale:
        twin.d_optimizer.zero_grad()
        twin.g_optimizer.zero_grad()
    left = slope(d)
    d_loss.backward()
    name = "d_back stale" if stale else "d_back held" if never else "d_back"
    found.append(Line(name, "d", "d_loss.backward()" if stale else "d_optimizer.zero_grad(); g_optimizer.zero_grad(); d_loss.backward()",
                      {"d_slope": slope(d), "g_slope": slope(g), "left": left}, wrong=stale))
    stood = weights(d)
    twin.d_optimizer.step()
    with torch.no_grad():
        after = {"after_real": twin.discriminate(real).mean().item(), "after_fake": twin.discriminate(fake).mean().item()}
    fast = mistake == "big_rate"
    found.append(Line("d_step fast" if fast else "d_step", "d", "d_optimizer.step()",
                      before | after | {"moved": (weights(d) - stood).norm().item(), "rate": twin.rate}, wrong=fast))
    z = twin.model.codes(n, rng)
    fake = g(z)
    found.append(Line("codes", "g", f"fake_images = generator(randn({n}, {z.shape[1]}))", {"n": n}, strip(fake, size)))
    on_fake = twin.discriminate(fake)
    found.append(Line("judged", "g", "on_fake = discriminator(fake_images)", {"on_fake": on_fake.mean().item()}))
    g_loss = twin.criterion(on_fake, ones)
    found.append(Line("g_loss", "g", "g_loss = criterion(on_fake, ones)", {"loss": g_loss.item()}))
    left, kept = slope(g), mistake in ("no_zero_grad", "no_detach_kept")
    if not kept:
        twin.d_optimizer.zero_grad()
        twin.g_optimizer.zero_grad()
    g_loss.backward()
    name = "g_back stale" if stale else "g_back kept" if kept else "g_back cleared" if never else "g_back"
    found.append(Line(name, "g", "g_loss.backward()" if kept else "d_optimizer.zero_grad(); g_optimizer.zero_grad(); g_loss.backward()",
                      {"g_slope": slope(g), "left": left}, wrong=kept))
    stood, was = weights(g), on_fake.mean().item()
    twin.g_optimizer.step()
    with torch.no_grad():
        again = g(z)
        after = {"on_fake": was, "after_fake": twin.discriminate(again).mean().item(), "moved": (weights(g) - stood).norm().item()}
    found.append(Line("g_step fast" if fast else "g_step", "g", "g_optimizer.step()", after | {"rate": twin.rate}, strip(again, size),
                      wrong=fast))
    return found


def twin_of(loop: Loop) -> Loop:
    """A copy with the gradients that wait in it: a deep copy of torch's leaves them behind."""
    twin = copy.deepcopy(loop)
    for mine, other in ((loop.discriminator, twin.discriminator), (loop.generator, twin.generator)):
        for p, q in zip(mine.parameters(), other.parameters(), strict=True):
            q.grad = None if p.grad is None else p.grad.clone()
    return twin


@torch.no_grad()
def dead(d: torch.nn.Module, x: torch.Tensor) -> float:
    """Share of the hidden units that answer nothing to any picture of the batch."""
    silent = []
    for layer in d[:-1]:
        x = layer(x)
        if not isinstance(layer, torch.nn.Linear):
            silent.append((x <= 0).all(0))
    return torch.cat(silent).float().mean().item()
