"""The four samplers, through diffusers, and the numbers of their chain that guidance needs.

Whatever a scheduler keeps, a step has one signal level alpha_bar: the UNet reads sqrt(alpha_bar) x0 + sqrt(1 - alpha_bar)
noise. Euler itself keeps x0 + sigma noise with sigma = sqrt((1 - alpha_bar) / alpha_bar), and scales it for the UNet.
"""

import copy
import math

import torch

from genai_core.errors import BadInput

CLASSES = {"ddim": "DDIMScheduler", "ddpm": "DDPMScheduler", "dpm++": "DPMSolverMultistepScheduler",
           "euler": "EulerDiscreteScheduler"}


def scheduler(pipeline, name: str | None, steps: int):
    """A scheduler of this run's own, set to `steps`; name None: of the pipeline's own kind."""
    import diffusers

    kind = type(pipeline.scheduler) if name is None else getattr(diffusers, CLASSES[name])
    made = kind.from_config(pipeline.scheduler.config)
    made.set_timesteps(steps, device=pipeline.device)
    return made


def twin(kept):
    """A copy that can take a step while `kept` stays where it is."""
    made = copy.copy(kept)
    if hasattr(kept, "model_outputs"):  # DPM-Solver++ remembers what the network said before
        made.model_outputs = list(kept.model_outputs)
    return made


def _sigmas(chain) -> bool:
    return getattr(chain, "sigmas", None) is not None


def alpha_bar(chain, index: int) -> float:
    """Signal level of step number `index`, from 0: of its timestep, never of the loop counter."""
    if _sigmas(chain):
        return 1 / (1 + float(chain.sigmas[index]) ** 2)
    return float(chain.alphas_cumprod[int(chain.timesteps[index])])


def alpha_bar_after(chain, index: int) -> float:
    """Signal level that step number `index` leads to; 1 where that is the picture."""
    if _sigmas(chain):
        return 1 / (1 + float(chain.sigmas[index + 1]) ** 2)
    to = int(chain.timesteps[index]) - chain.config.num_train_timesteps // chain.num_inference_steps
    last = getattr(chain, "final_alpha_cumprod", 1.0)
    return float(chain.alphas_cumprod[to]) if to >= 0 else float(last)


def factor(chain, index: int, slip: bool = False) -> float:
    """What the gradient with respect to the UNet's input is multiplied by at step number `index`, from 0: the deviation
    of the noise in that input.

    sqrt(1 - alpha_bar_t); Dhariwal & Nichol 2021, arXiv:2105.05233, algorithm 2. Where the scheduler counts in sigmas it
    is sigma / sqrt(1 + sigma^2), the same number. slip: look alpha_bar up by the loop counter, as a widely used
    course notebook does. The counter is small all the way, so the gradient hardly counts.
    """
    if slip:
        return math.sqrt(1 - float(chain.alphas_cumprod[index]))
    if _sigmas(chain):
        sigma = float(chain.sigmas[index])
        return sigma / math.sqrt(1 + sigma**2)
    return math.sqrt(1 - alpha_bar(chain, index))


def _prediction(chain) -> str:
    kind = chain.config.prediction_type
    if kind not in ("epsilon", "v_prediction"):
        raise BadInput(f"Guidance needs a model that predicts epsilon or v; this one predicts {kind!r}.")
    return kind


def noise_in(out: torch.Tensor, x: torch.Tensor, chain, index: int) -> torch.Tensor:
    """The noise that the network's answer `out` says is in its input x."""
    if _prediction(chain) == "epsilon":
        return out
    level = alpha_bar(chain, index)
    return math.sqrt(level) * out + math.sqrt(1 - level) * x


def moved(out: torch.Tensor, step: torch.Tensor, chain, index: int) -> torch.Tensor:
    """The network's answer with `step` added to the noise that it means."""
    return out + (step if _prediction(chain) == "epsilon" else step / math.sqrt(alpha_bar(chain, index)))


def velocity(out: torch.Tensor, x: torch.Tensor, chain, index: int) -> torch.Tensor:
    """The answer as v = sqrt(alpha_bar) noise - sqrt(1 - alpha_bar) x0. Salimans & Ho 2022, arXiv:2202.00512, appendix D."""
    if _prediction(chain) == "v_prediction":
        return out
    level = alpha_bar(chain, index)
    return (out - math.sqrt(1 - level) * x) / math.sqrt(level)


def clean_of(velocity: torch.Tensor, x: torch.Tensor, chain, index: int) -> torch.Tensor:
    """The clean latents that v means: sqrt(alpha_bar) x - sqrt(1 - alpha_bar) v."""
    level = alpha_bar(chain, index)
    return math.sqrt(level) * x - math.sqrt(1 - level) * velocity


def back(latents: torch.Tensor, noise: torch.Tensor, chain, index: int) -> torch.Tensor:
    """Latents as they are after step number `index`, returned to where they were before it, with fresh noise: one
    stretch of the forward chain. Lugmayr et al. 2022, arXiv:2201.09865; Bansal et al. 2023, arXiv:2302.07121."""
    if "Euler" in type(chain).__name__:
        high, low = float(chain.sigmas[index]), float(chain.sigmas[index + 1])
        return latents + math.sqrt(high**2 - low**2) * noise
    ratio = alpha_bar(chain, index) / alpha_bar_after(chain, index)
    return math.sqrt(ratio) * latents + math.sqrt(max(0.0, 1 - ratio)) * noise
