"""The objectives of a GAN against their formulas, the gradient penalty and the spectral norm against closed forms."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy

from genai_core import runtime
from genai_core.gans import knobs, objectives
from genai_core.gans.objectives import OBJECTIVES

REAL, FAKE = torch.tensor([[2.0], [-0.5], [0.25]]), torch.tensor([[-1.0], [0.75], [3.0]])
D_REAL, D_FAKE = 1 / (1 + torch.exp(-REAL)), 1 / (1 + torch.exp(-FAKE))
BY_HAND = {  # (critic, generator), as the papers write them
    "minimax": (-(D_REAL.log().mean() + (1 - D_FAKE).log().mean()), (1 - D_FAKE).log().mean()),
    "non_saturating": (-(D_REAL.log().mean() + (1 - D_FAKE).log().mean()), -D_FAKE.log().mean()),
    "least_squares": (((REAL - 1) ** 2).mean() / 2 + (FAKE**2).mean() / 2, ((FAKE - 1) ** 2).mean() / 2),
    "wasserstein_clip": (FAKE.mean() - REAL.mean(), -FAKE.mean()),
    "wasserstein_gp": (FAKE.mean() - REAL.mean(), -FAKE.mean()),
    "spectral": (torch.tensor((0 + 1.5 + 0.75) / 3 + (0 + 1.75 + 4) / 3), -FAKE.mean()),
    "r1": (-(D_REAL.log().mean() + (1 - D_FAKE).log().mean()), -D_FAKE.log().mean()),
}


def test_the_knobs_offer_exactly_the_objectives_there_are():
    assert knobs.OBJECTIVE_NAMES == tuple(OBJECTIVES) == tuple(BY_HAND)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_loss_is_its_formula(name):
    goal, (critic, generator) = OBJECTIVES[name], BY_HAND[name]
    assert goal.critic(REAL, FAKE).item() == pytest.approx(critic.item(), abs=1e-6)
    assert goal.generator(FAKE).item() == pytest.approx(generator.item(), abs=1e-6)
    assert "L_G = " in goal.generator.__doc__ and "L_D = " in goal.critic.__doc__


def test_the_log_losses_are_the_lectures_cross_entropy_and_stay_finite_where_it_does_not():
    ones, zeros = torch.ones(3, 1), torch.zeros(3, 1)
    lecture = binary_cross_entropy(D_REAL, ones) + binary_cross_entropy(D_FAKE, zeros)
    assert objectives.minimax_critic(REAL, FAKE).item() == pytest.approx(lecture.item(), abs=1e-6)
    assert objectives.minimax_critic(REAL - 1000, FAKE + 1000).isfinite()


def test_flipping_the_labels_is_not_flipping_the_gradient():
    """Where the discriminator is sure of a drawn point, s = -4: the flipped labels push e^4 = 54.6 times as hard."""
    slopes = []
    for loss in (lambda s: -objectives.minimax_critic(torch.tensor([0.0]), s),
                 objectives.minimax_generator, objectives.non_saturating_generator):
        s = torch.tensor([-4.0], requires_grad=True)
        loss(s).backward()
        slopes.append(s.grad.item())
    turned, minimax, flipped = slopes
    assert turned == pytest.approx(minimax, abs=1e-7) and minimax < 0 and flipped < 0   # all three raise the score
    assert flipped / minimax == pytest.approx(math.exp(4), rel=1e-4)


def linear(weight):
    net = nn.Linear(2, 1)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([weight]))
    return net


def test_the_gradient_penalty_of_a_linear_critic_is_known():
    """s = w x + b has the slope w everywhere: the penalty is (|w| - 1)^2 and its gradient 2 (|w| - 1) w / |w|."""
    net = linear([3.0, 4.0])
    penalty = objectives.gradient_penalty(net, torch.randn(16, 2), torch.randn(16, 2), runtime.rng(0))
    penalty.backward()
    assert penalty.item() == pytest.approx(16.0, rel=1e-6)
    assert net.weight.grad[0].tolist() == pytest.approx([8 * 0.6, 8 * 0.8], rel=1e-6)


def test_the_gradient_penalty_of_a_bowl_is_taken_between_the_pairs():
    """s = a |x|^2 / 2 has the slope a x: E (a |y| - 1)^2 with its derivative 2 E (a |y| - 1) |y|, y between real and fake."""
    a = torch.tensor(1.7, requires_grad=True)
    real, fake = torch.randn(64, 2, generator=runtime.rng(1)), torch.randn(64, 2, generator=runtime.rng(2))
    u = torch.rand(64, 1, generator=runtime.rng(3))
    size = (u * real + (1 - u) * fake).norm(dim=1)
    penalty = objectives.gradient_penalty(lambda x: a * x.square().sum(1) / 2, real, fake, runtime.rng(3))
    penalty.backward()
    assert penalty.item() == pytest.approx(((1.7 * size - 1) ** 2).mean().item(), rel=1e-5)
    assert a.grad.item() == pytest.approx((2 * (1.7 * size - 1) * size).mean().item(), rel=1e-5)


def test_the_penalty_leaves_the_generator_alone():
    fake = torch.randn(4, 2, requires_grad=True)
    net = linear([1.0, 1.0])
    OBJECTIVES["wasserstein_gp"].critic_loss(net, torch.randn(4, 2), fake, runtime.rng(0)).backward()
    assert fake.grad is None and net.weight.grad is not None


def test_the_zero_centred_penalty_of_a_linear_critic_is_known():
    net = linear([3.0, 4.0])
    penalty = objectives.zero_centred_penalty(net, torch.randn(16, 2))
    penalty.backward()
    assert penalty.item() == pytest.approx(12.5) and net.weight.grad[0].tolist() == pytest.approx([3.0, 4.0])


def test_a_penalty_is_added_with_its_strength():
    goal, net, x, y = OBJECTIVES["r1"], linear([3.0, 4.0]), torch.randn(8, 2), torch.randn(8, 2)
    plain = goal.critic(net(x), net(y)).item()
    assert goal.critic_loss(net, x, y, None, 2.0).item() == pytest.approx(plain + 25.0, rel=1e-5)
    assert goal.critic_loss(net, x, y, None).item() == pytest.approx(plain + goal.strength * 12.5, rel=1e-5)


def test_spectral_norm_divides_by_the_largest_singular_value():
    """Against numpy's singular values of the very same weights; torch's own power iteration runs once per training pass."""
    net = runtime.build(lambda: nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1)), 0)
    before = [net[k].weight.detach().clone() for k in (0, 2)]
    objectives.spectrally_normed(net)
    for _ in range(50):
        net(torch.randn(4, 2))
    net.eval()
    for k, weight in zip((0, 2), before):
        largest = torch.linalg.svdvals(weight.double())[0].item()
        assert torch.allclose(net[k].weight.double(), weight.double() / largest, atol=1e-4)
    x, y = torch.randn(200, 2), torch.randn(200, 2)
    assert ((net(x) - net(y)).abs()[:, 0] <= (x - y).norm(dim=1) * (1 + 1e-4)).all()          # 1-Lipschitz


def test_clipping_keeps_every_weight_within():
    net = linear([3.0, -4.0])
    objectives.clip(net, 0.1)
    assert net.weight[0].tolist() == pytest.approx([0.1, -0.1]) and net.bias.abs().item() <= 0.1 + 1e-8
