"""The bound and its parts against what is known exactly: torch.distributions, and a model whose likelihood has a closed form."""

import math

import pytest
import torch
from torch import distributions as d

from genai_core import elbo, models, runtime
from genai_core.data import points
from genai_core.models.linear_vae import LinearVAE
from genai_core.training import Knobs, train


def normal(mean, logvar):
    return d.Normal(mean, (logvar / 2).exp())


def test_kl_is_that_of_torch_distributions_and_zero_only_at_the_prior():
    mean, logvar = torch.randn(50, 7, generator=runtime.rng(0)) * 2, torch.randn(50, 7, generator=runtime.rng(1)) * 2
    expected = d.kl_divergence(normal(mean, logvar), d.Normal(0.0, 1.0))
    assert torch.allclose(elbo.kl(mean, logvar), expected, rtol=1e-5, atol=1e-6) and (elbo.kl(mean, logvar) > 0).all()
    assert (elbo.kl(torch.zeros(3), torch.zeros(3)) == 0).all()


def test_log_densities_are_those_of_torch_distributions():
    x, mean, logvar = (torch.randn(20, 5, generator=runtime.rng(s)) for s in range(3))
    assert torch.allclose(elbo.log_normal(x, mean, logvar), normal(mean, logvar).log_prob(x).sum(1), atol=1e-5)
    assert torch.allclose(elbo.log_normal(x), d.Normal(0.0, 1.0).log_prob(x).sum(1), atol=1e-5)


def test_reparameterised_codes_have_the_posterior_s_mean_and_variance_and_its_gradients():
    mean, logvar = torch.tensor([1.5], requires_grad=True), torch.tensor([-1.0], requires_grad=True)
    noise = torch.randn(200_000, 1, generator=runtime.rng(0))
    z = elbo.drawn(mean, logvar, noise)
    assert z.mean().item() == pytest.approx(1.5, abs=0.01) and z.var().item() == pytest.approx(math.exp(-1), rel=0.02)
    z.square().mean().backward()  # of E z^2 = mean^2 + exp(logvar)
    assert mean.grad.item() == pytest.approx(3.0, abs=0.02) and logvar.grad.item() == pytest.approx(math.exp(-1), rel=0.03)


def test_free_bits_stop_asking_below_their_floor():
    kl = torch.tensor([[0.2, 3.0], [0.4, 5.0]], requires_grad=True)
    asked = elbo.freed(kl, 0.5)
    assert asked.tolist() == [0.5, 4.0]
    asked.sum().backward()
    assert kl.grad.tolist() == [[0, 0.5], [0, 0.5]]
    assert torch.equal(elbo.freed(kl, 0.0), kl.mean(0))


class TestLinear:
    """x = W z + b + noise: the one VAE whose log p(x) is known."""

    @pytest.fixture(scope="class")
    def model(self):
        torch.set_num_threads(1)
        model = runtime.build(lambda: LinearVAE(dim=3, latent=2, noise=0.5), 4)
        with torch.no_grad():  # q has the posterior's own mean, and three times its variance
            w = model.decode.weight
            cov = torch.linalg.inv(torch.eye(2) + w.T @ w / 0.25)
            model.encode.weight.copy_(cov @ w.T / 0.25)
            model.encode.bias.copy_(-cov @ w.T @ model.decode.bias / 0.25)
            model.logvar.copy_((3 * cov.diagonal()).log())
        return model

    @pytest.fixture(scope="class")
    def x(self, model):
        return model.sample(40, runtime.rng(1))

    def test_the_likelihood_is_the_integral_over_codes(self, model, x):
        """By brute force: p(x) = E_z p(x | z) over many z from the prior."""
        with torch.no_grad():
            z = torch.randn(50_000, 1, 2, generator=runtime.rng(2))
            given = model.log_joint(x[:4], z) - elbo.log_normal(z)
            by_force = given.logsumexp(0) - math.log(len(z))
            assert torch.allclose(model.log_likelihood(x[:4]), by_force, atol=0.05)

    def test_the_importance_weighted_bound_rises_to_the_exact_likelihood(self, model, x):
        with torch.no_grad():
            exact = model.log_likelihood(x).mean().item()
            bounds = []
            for k, times in ((1, 400), (5, 400), (50, 100), (2000, 20)):
                each = torch.stack([elbo.importance_weighted(model.log_weights(x, k, runtime.rng(1000 * k + i))).mean()
                                    for i in range(times)])
                bounds.append((each.mean().item(), each.std().item() / math.sqrt(times)))
        values = [value for value, _ in bounds]
        assert values == sorted(values) and values[0] < exact - 0.3
        assert all(value < exact + 3 * error for value, error in bounds)
        assert values[-1] == pytest.approx(exact, abs=3 * bounds[-1][1] + 0.003)

    def test_the_bound_is_exact_for_one_draw_where_the_posterior_is(self):
        """With one latent the posterior is exactly of q's form: then every weight is p(x), whatever is drawn."""
        model = runtime.build(lambda: LinearVAE(dim=2, latent=1, noise=0.4), 0)
        with torch.no_grad():
            w, b, s2 = model.decode.weight, model.decode.bias, 0.4**2
            precision = 1 + (w * w).sum() / s2
            model.encode.weight.copy_(w.T / s2 / precision)
            model.encode.bias.copy_(-(w.T @ b) / s2 / precision)
            model.logvar.copy_(-precision.log())
            x = points.two_moons(20, runtime.rng(0))
            got = model.log_weights(x, 3, runtime.rng(1))
            assert torch.allclose(got, model.log_likelihood(x).expand(3, -1), atol=1e-4)

    def test_training_comes_to_the_best_bound_there_is(self):
        """Probabilistic PCA: the best likelihood is in closed form, and one latent's posterior is exact."""
        x = torch.randn(2000, 2, generator=runtime.rng(0)) @ torch.tensor([[1.2, 0.5], [0.0, 0.3]]) + torch.tensor([0.3, -0.2])
        model = runtime.build(lambda: LinearVAE(dim=2, latent=1, noise=0.3), 1)
        for step in train(model, x, 300, 0, Knobs(rate=3e-2, batch=200)):
            pass
        spread = torch.cov(x.T, correction=0)
        values, vectors = torch.linalg.eigh(spread)
        best_w = vectors[:, 1:] * (values[1] - 0.09).sqrt()
        best = d.MultivariateNormal(x.mean(0), best_w @ best_w.T + 0.09 * torch.eye(2)).log_prob(x).mean()
        with torch.no_grad():
            assert model.log_likelihood(x).mean().item() == pytest.approx(best.item(), abs=0.03)
            assert elbo.importance_weighted(model.log_weights(x, 1, runtime.rng(3))).mean().item() == pytest.approx(best.item(), abs=0.05)


class TestDigits:
    @pytest.fixture(scope="class")
    def model(self):
        return models.build("digit_vae", 0, latent=4, hidden=(32,))

    def test_the_loss_is_the_lecture_s(self, model):
        """Written as on the slide: sigmoid, binary cross-entropy summed, and its KL; ours is its mean per picture."""
        from torch.nn import functional as F

        x = torch.rand(6, 1, 28, 28, generator=runtime.rng(0))
        with torch.no_grad():
            mu, logvar = model.posterior(x)
            eps = torch.randn(mu.shape, generator=runtime.rng(5))
            z = mu + eps * torch.exp(0.5 * logvar)
            bce = F.binary_cross_entropy(torch.sigmoid(model.logits(z)).view(-1, 784), x.view(-1, 784), reduction="sum")
            kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            _, loss, part, told = next(model.turns(x, runtime.rng(5)))
        assert loss.item() == pytest.approx((bce + kld).item() / 6, rel=1e-5) and part is model
        assert told["reconstruction"].item() == pytest.approx(bce.item() / 6, rel=1e-5)
        assert told["kl"].item() == pytest.approx(kld.item() / 6, rel=1e-4)

    def test_its_parts_and_weights_agree(self, model):
        x = (torch.rand(5, 1, 28, 28, generator=runtime.rng(0)) * 255).byte()
        misfit, kl = model.parts(x, runtime.rng(3))
        weight = model.log_weights(x, 1, runtime.rng(3))[0]
        many = torch.stack([model.log_weights(x, 1, runtime.rng(s))[0] for s in range(300)])
        expected = -torch.stack([model.parts(x, runtime.rng(s))[0] for s in range(300)]).mean(0) - kl.sum(1)
        assert misfit.shape == weight.shape == (5,) and kl.shape == (5, 4)
        assert torch.allclose(many.mean(0), expected, atol=0.5)

    def test_beta_and_free_bits_change_what_is_asked_and_not_what_is_told(self, model):
        x = torch.rand(6, 1, 28, 28, generator=runtime.rng(0))

        def turn(**settings):
            other = models.build("digit_vae", 0, latent=4, hidden=(32,), **settings)
            _, loss, _, told = next(other.turns(x, runtime.rng(5)))
            return loss.item(), told["reconstruction"].item(), told["kl"].item()

        loss, reconstruction, kl = turn()
        assert loss == pytest.approx(reconstruction + kl, rel=1e-6)
        assert turn(beta=4.0) == pytest.approx((reconstruction + 4 * kl, reconstruction, kl), rel=1e-6)
        assert turn(free_bits=50.0) == pytest.approx((reconstruction + 4 * 50, reconstruction, kl), rel=1e-6)
