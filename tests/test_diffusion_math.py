"""Diffusion's mathematics against closed forms and against diffusers: schedules, targets, exact scores, and the one loop."""

import math

import pytest
import torch

from genai_core import runtime
from genai_core.diffusion import exact, samplers, schedule, targets
from genai_core.errors import BadInput

GAUSSIAN = exact.Mixture(torch.tensor([[0.5, -1.0]], dtype=torch.float64), torch.tensor([0.3, 1.2], dtype=torch.float64))
RING = exact.Mixture(exact.of("ring").means.double(), 0.05)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


class TestSchedule:
    @pytest.mark.parametrize("name, theirs", [("linear", "linear"), ("cosine", "squaredcos_cap_v2")])
    @pytest.mark.parametrize("length", [20, 1000])
    def test_it_is_diffusers_own(self, name, theirs, length):
        from diffusers import DDPMScheduler

        other = DDPMScheduler(num_train_timesteps=length, beta_start=1e-4, beta_end=0.02, beta_schedule=theirs)
        ours = schedule.chain(name, length)
        torch.testing.assert_close(ours.alpha_bar.float(), other.alphas_cumprod, rtol=2e-4, atol=1e-7)
        torch.testing.assert_close(schedule.betas(name, length).float(), other.betas, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("number", [4, 7, 50, 1000])
    @pytest.mark.parametrize("spacing", schedule.SPACINGS)
    def test_timesteps_are_diffusers_own(self, number, spacing):
        from diffusers import DDIMScheduler

        other = DDIMScheduler(timestep_spacing=spacing, steps_offset=0)
        other.set_timesteps(number)
        assert schedule.timesteps(1000, number, spacing).tolist() == other.timesteps.tolist()

    @pytest.mark.parametrize("name", schedule.NAMES)
    def test_signal_only_falls_and_ratios_follow(self, name):
        s = schedule.chain(name, 100)
        assert len(s) == 100 and (s.alpha_bar.diff() < 0).all() and 0 < s.alpha_bar[-1] and s.alpha_bar[0] < 1
        torch.testing.assert_close(s.snr, 1 / s.sigma.square())
        torch.testing.assert_close(schedule.log_snr(s.sigma), s.snr.log())

    def test_too_few_steps_of_the_papers_betas_never_reach_noise(self):
        ends = {length: schedule.chain("linear", length).terminal_snr for length in (50, 1000)}
        assert ends[1000] == pytest.approx(4.0e-5, rel=0.02)      # Lin et al. 2024, table 1: DDPM's linear schedule
        assert ends[50] > 1                                        # more signal than noise at the "end"
        assert schedule.chain("linear", 1000).signal_left == pytest.approx(0.00635, abs=1e-4)
        for name in ("scaled", "cosine"):
            assert schedule.chain(name, 50).terminal_snr < 1e-3

    @pytest.mark.parametrize("name, length", [("square", 100), ("linear", 3), ("cosine", 1001)])
    def test_what_is_no_schedule_is_refused(self, name, length):
        with pytest.raises(BadInput, match="linear, scaled, cosine|4 to 1,000"):
            schedule.chain(name, length)


class TestTargets:
    @pytest.mark.parametrize("kind", targets.TARGETS)
    @pytest.mark.parametrize("level", [0.001, 0.5, 0.999])
    def test_every_target_gives_all_the_others_back(self, kind, level):
        rng = runtime.rng(0)
        clean, noise = torch.randn(2, 50, 3, generator=rng, dtype=torch.float64)
        level = torch.tensor(level, dtype=torch.float64)
        x = targets.noisy(clean, noise, level)
        answer = targets.target(kind, clean, noise, level)
        torch.testing.assert_close(targets.clean_of(kind, answer, x, level), clean)
        torch.testing.assert_close(targets.noise_of(kind, answer, x, level), noise)
        torch.testing.assert_close(targets.score_of(kind, answer, x, level), -noise / (1 - level).sqrt())

    def test_an_unknown_target_is_named(self):
        with pytest.raises(BadInput, match="epsilon, x0, v"):
            targets.target("u", torch.zeros(1), torch.zeros(1), 0.5)


class TestExact:
    @pytest.mark.parametrize("data", [GAUSSIAN, RING], ids=["gaussian", "ring"])
    @pytest.mark.parametrize("sigma", [0.02, 0.4, 5.0])
    def test_the_score_is_the_gradient_of_the_log_density(self, data, sigma):
        x = (data.draw(40, runtime.rng(1)) + sigma * torch.randn(40, 2, generator=runtime.rng(2), dtype=torch.float64)).requires_grad_()
        slope, = torch.autograd.grad(data.log_density(x, sigma).sum(), x)
        torch.testing.assert_close(data.score(x.detach(), sigma), slope, rtol=1e-6, atol=1e-6)

    def test_the_log_density_is_torchs_own(self):
        from torch import distributions as d

        parts = d.Independent(d.Normal(RING.means, RING.variance(0.3).sqrt().expand(8, 2)), 1)
        other = d.MixtureSameFamily(d.Categorical(torch.ones(8, dtype=torch.float64)), parts)
        x = torch.randn(30, 2, generator=runtime.rng(3), dtype=torch.float64)
        torch.testing.assert_close(RING.log_density(x, 0.3), other.log_prob(x))

    def test_of_all_guesses_the_expected_clean_point_is_nearest(self):
        clean = RING.draw(4000, runtime.rng(4))
        x = clean + 0.5 * torch.randn(4000, 2, generator=runtime.rng(5), dtype=torch.float64)
        best = (RING.denoise(x, 0.5) - clean).square().mean()
        for worse in (RING.denoise(x, 0.4), RING.denoise(x, 0.6), RING.denoise(x, 0.5) + 0.05, x):
            assert best < (worse - clean).square().mean()


def finish(how, data, calls, n, seed=0, given=None, x=None):
    """The last step of a sampler with the exact denoiser."""
    at = samplers.levels(given or schedule.chain("cosine", 1000), how, calls)
    rng = runtime.rng(seed)
    x = samplers.start((n, 2), at[0], rng, torch.float64) if x is None else x
    for step in samplers.walk(data.denoise, x, at, how, rng):
        pass
    return step


def error(how, number, low=0.05, high=8.0):
    """How far a sampler's path on the Gaussian ends from the exact one."""
    at = torch.linspace(math.log(high), math.log(low), number + 1, dtype=torch.float64).exp()
    x = samplers.start((200, 2), high, runtime.rng(0), torch.float64)
    for step in samplers.walk(GAUSSIAN.denoise, x, at, how, runtime.rng(1)):
        pass
    return (step.x_after - exact.ode_path(GAUSSIAN, x, high, low)).square().mean().sqrt().item()


class TestOrders:
    @pytest.mark.parametrize("name, order", [("euler", 1), ("ddim", 1), ("heun", 2)])
    def test_doubling_the_steps_shows_the_order(self, name, order):
        how = samplers.SAMPLERS[name]
        errors = [error(how, number) for number in (40, 80, 160, 320)]
        for before, after in zip(errors, errors[1:], strict=False):
            assert math.log2(before / after) == pytest.approx(order, abs=0.12)


LONG = {"ddpm": samplers.SAMPLERS["ddpm"], "ddim": samplers.SAMPLERS["ddim"], "eta": samplers.sampler("ddim", 0.5),
        "euler": samplers.SAMPLERS["euler"], "heun": samplers.SAMPLERS["heun"], "langevin": samplers.SAMPLERS["langevin"]}
CALLS = {"euler": 300, "heun": 99}      # the others take 1,000


class TestSamplesAreExact:
    @pytest.mark.parametrize("name", LONG)
    def test_of_a_gaussian(self, name):
        """Mean, variance and the whole distribution of each axis; p above 0.001 for the sample that was drawn."""
        from scipy import stats

        how, calls, n = LONG[name], CALLS.get(name, 1000), 1000
        made = finish(how, GAUSSIAN, calls, n).x_after
        for axis in (0, 1):
            mean, deviation = GAUSSIAN.means[0, axis].item(), GAUSSIAN.variance()[axis].sqrt().item()
            got = made[:, axis].numpy()
            assert abs(got.mean() - mean) < 3.5 * deviation / math.sqrt(n)
            assert abs(got.var() / deviation**2 - 1) < 3.5 * math.sqrt(2 / n) + 0.01  # and what the steps' length does
            assert stats.kstest(got, stats.norm(mean, deviation).cdf).pvalue > 0.001

    @pytest.mark.parametrize("name", LONG)
    def test_of_the_ring(self, name):
        """Each of eight modes about equally often, and each as wide as it is."""
        from scipy import stats

        how, calls = LONG[name], CALLS.get(name, 1000)
        made = finish(how, RING, calls, 1000).x_after
        away = torch.cdist(made, RING.means)
        counts = torch.bincount(away.argmin(1), minlength=8)
        assert stats.chisquare(counts.numpy()).pvalue > 0.001
        spread = (away.min(1).values.square().mean() / 2).sqrt().item()
        assert spread == pytest.approx(0.05, rel=0.08)
        assert (away.min(1).values < 0.15).double().mean() > 0.975     # of true points 98.9%

    def test_too_short_a_chain_begins_from_something_else(self):
        """Fifty steps of the paper's betas end at a signal-to-noise ratio above 1; begun from noise alone, samples are wrong."""
        given = schedule.chain("linear", 50)
        made = finish(samplers.SAMPLERS["ddpm"], GAUSSIAN, 50, 4000, given=given).x_after
        mended = finish(samplers.SAMPLERS["ddpm"], GAUSSIAN, 50, 4000, given=schedule.chain("scaled", 50)).x_after
        off, repaired = (abs(m[:, 1].mean().item() + 1.0) for m in (made, mended))
        assert off > 0.2 > 0.1 > repaired


class TestLoop:
    def test_ddim_without_noise_is_eulers_method_to_the_last_bit(self):
        start = samplers.start((50, 2), 8.0, runtime.rng(0), torch.float64)
        ends = [list(samplers.walk(RING.denoise, start, [8.0, 2.0, 0.5, 0.1, 0.0], samplers.sampler(name), runtime.rng(1)))[-1].x_after
                for name in ("ddim", "euler")]
        assert torch.equal(*ends)

    def test_ddim_with_all_its_noise_is_ddpm(self):
        full, ddpm = finish(samplers.sampler("ddim", 1.0), RING, 20, 50), finish(samplers.sampler("ddpm"), RING, 20, 50)
        assert torch.equal(full.x_after, ddpm.x_after)

    @pytest.mark.parametrize("name", samplers.SAMPLERS)
    @pytest.mark.parametrize("calls", [4, 5, 17, 100])
    def test_it_never_calls_the_network_more_often_than_allowed(self, name, calls):
        seen = []

        def denoise(x, sigma):
            seen.append(sigma)
            return RING.denoise(x, sigma)

        how = samplers.sampler(name)
        at = samplers.levels(schedule.chain("cosine"), how, calls)
        for step in samplers.walk(denoise, samplers.start((3, 2), at[0], runtime.rng(0)), at, how, runtime.rng(0)):
            pass
        allowed = max(calls, how.corrections + 1)   # Langevin needs one level at least
        assert len(seen) == step.calls <= allowed and (calls < 17 or step.calls > calls - 6) and step.after == 0

    def test_langevin_settles_where_theory_says(self):
        """At one level, steps of ratio sigma^2 on a Gaussian settle at variance v / (1 - ratio sigma^2 / 4v)."""
        how, sigma = samplers.Sampler("", corrections=200, moves=False, ratio=0.5), 2.0
        x = samplers.start((20_000, 2), sigma, runtime.rng(0), torch.float64)
        step = next(samplers.walk(GAUSSIAN.denoise, x, [sigma, 1.0], how, runtime.rng(1)))
        v = GAUSSIAN.variance(sigma)
        expected = v / (1 - how.ratio * sigma**2 / (4 * v))
        torch.testing.assert_close(step.x_after.var(0), expected, rtol=0.05, atol=0)
        assert ((expected / v) > 1.1).all()          # it is not the true variance: short steps matter

    @pytest.mark.parametrize("wrong", [{"eta": 2}, {"order": 3}, {"ratio": 0}, {"order": 2, "eta": 0.5}])
    def test_settings_that_mean_nothing_are_refused(self, wrong):
        with pytest.raises(BadInput):
            samplers.Sampler("", **wrong)
        with pytest.raises(BadInput, match="ddpm, ddim"):
            samplers.sampler("pndm")


def answers(kind, data):
    """A network that answers `kind` and is never wrong, as diffusers calls it: (x, alpha_bar) -> answer."""
    def network(x, level):
        sigma = math.sqrt((1 - level) / level)
        clean = data.denoise(x / math.sqrt(level), sigma)
        return targets.target(kind, clean, targets.noise_of("x0", clean, x, torch.tensor(level, dtype=x.dtype)),
                              torch.tensor(level, dtype=x.dtype))

    return network


@pytest.mark.parametrize("kind, theirs", [("epsilon", "epsilon"), ("v", "v_prediction"), ("x0", "sample")])
@pytest.mark.parametrize("which, eta", [("DDPMScheduler", 1.0), ("DDIMScheduler", 0.0), ("DDIMScheduler", 0.7)])
@pytest.mark.parametrize("spacing", schedule.SPACINGS)
def test_diffusers_draws_the_same_from_the_same_noise(kind, theirs, which, eta, spacing):
    import diffusers

    more = {"set_alpha_to_one": True} if which == "DDIMScheduler" else {"variance_type": "fixed_small"}
    chain = getattr(diffusers, which)(beta_schedule="linear", beta_start=1e-4, beta_end=0.02, prediction_type=theirs, clip_sample=False,
                                      timestep_spacing=spacing, steps_offset=0, **more)
    chain.set_timesteps(25)
    network, given = answers(kind, RING), schedule.chain("linear")
    start = torch.randn(30, 2, generator=runtime.rng(0), dtype=torch.float64)

    theirs_x, rng = start.clone(), runtime.rng(1)
    extra = {"eta": eta} if which == "DDIMScheduler" else {}
    for t in chain.timesteps:
        out = network(theirs_x, float(chain.alphas_cumprod[t]))
        theirs_x = chain.step(out, t, theirs_x, generator=rng, **extra).prev_sample

    at = schedule.sigmas(given, 25, spacing)

    def denoise(x, sigma):
        level = 1 / (1 + sigma**2)
        seen = x * math.sqrt(level)
        return targets.clean_of(kind, network(seen, level), seen, torch.tensor(level, dtype=x.dtype))

    how = samplers.Sampler("", eta=eta)
    for step in samplers.walk(denoise, start * (1 + at[0] ** 2).sqrt(), at, how, runtime.rng(1)):
        pass
    assert (step.x_after - theirs_x).abs().max() < 1e-5
