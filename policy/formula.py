"""Energy of one text request by the published EcoLogits form: one pure function per quantity, plain floats in and out.

Parameters count in billions. Energies are Wh, times seconds, masses g. The constants are rows of formula.csv; the energy
of input tokens is our own extension and has its own function. Reference: EcoLogits 0.11.3, impacts/llm.py.
"""

import math
from functools import cache
from types import MappingProxyType

from policy import facts

SECONDS_PER_YEAR = 365 * 24 * 3600


@cache
def constants() -> MappingProxyType:
    """id -> central value of formula.csv."""
    return MappingProxyType({id: row.central for id, row in facts.load("formula").items()})


def card_energy_wh(active_params_b: float, output_tokens: float, batch: float | None = None) -> float:
    """Wh of ONE graphics card while this request is answered among `batch` others."""
    k = constants()
    batch = k["batch"] if batch is None else batch
    return output_tokens * (k["gpu_alpha"] * math.exp(-k["gpu_beta"] * batch) * active_params_b + k["gpu_gamma"])


def cards(total_params_b: float, bits: float | None = None) -> int:
    """Graphics cards of 80 GB that hold the model: a power of two."""
    k = constants()
    memory_gb = k["memory_margin"] * total_params_b * (k["bits"] if bits is None else bits) / 8
    return 2 ** math.ceil(math.log2(math.ceil(memory_gb / k["gpu_memory"])))


def latency_s(active_params_b: float, output_tokens: float, tokens_per_s: float | None = None,
              first_token_s: float | None = None, batch: float | None = None) -> float:
    """Seconds of answering: from a measured speed where one is known, else from the fit."""
    k = constants()
    batch = k["batch"] if batch is None else batch
    fitted = k["latency_alpha"] * active_params_b + k["latency_beta"] * batch + k["latency_gamma"]
    return output_tokens * (1 / tokens_per_s if tokens_per_s else fitted) + (first_token_s or 0.0)


def gpu_energy_wh(active_params_b: float, total_params_b: float, output_tokens: float, batch: float | None = None,
                  bits: float | None = None) -> float:
    """Wh of all the cards that hold the model."""
    return cards(total_params_b, bits) * card_energy_wh(active_params_b, output_tokens, batch)


def host_energy_wh(total_params_b: float, seconds: float, batch: float | None = None, bits: float | None = None) -> float:
    """Wh of the server around the cards, shared by the batch."""
    k = constants()
    batch = k["batch"] if batch is None else batch
    return seconds / 3600 * k["server_power"] * cards(total_params_b, bits) / k["server_gpus"] / batch


def input_energy_wh(active_params_b: float, input_tokens: float) -> float:
    """Wh of reading the input (OUR EXTENSION, not in the published form): linear in tokens and active parameters."""
    return input_tokens * active_params_b * constants()["input_per_token"]


def embodied_g(total_params_b: float, seconds: float, batch: float | None = None, bits: float | None = None) -> float:
    """gCO2e of making the server and its cards, by the share of their life that this request takes."""
    k = constants()
    batch = k["batch"] if batch is None else batch
    n = cards(total_params_b, bits)
    made_kg = n / k["server_gpus"] * k["embodied_server"] + n * k["embodied_gpu"]
    return 1000 * seconds * made_kg / (k["lifetime"] * SECONDS_PER_YEAR * batch)


def it_energy_wh(active_params_b: float, total_params_b: float, output_tokens: float, tokens_per_s: float | None = None,
                 first_token_s: float | None = None) -> float:
    """Wh of cards and host, before the overhead of the data centre, by the published form (output tokens only)."""
    seconds = latency_s(active_params_b, output_tokens, tokens_per_s, first_token_s)
    return gpu_energy_wh(active_params_b, total_params_b, output_tokens) + host_energy_wh(total_params_b, seconds)


def facility_energy_wh(it_energy_wh: float, pue: float) -> float:
    """Wh that the data centre takes for this much IT energy."""
    return pue * it_energy_wh


def carbon_g(facility_energy_wh: float, grid_g_per_kwh: float) -> float:
    """gCO2e of electricity."""
    return facility_energy_wh / 1000 * grid_g_per_kwh


def water_ml(it_energy_wh: float, pue: float, onsite_l_per_kwh: float, offsite_l_per_kwh: float) -> float:
    """mL: cooling water per IT energy, and water at the power plants per facility energy. 1 L/kWh = 1 mL/Wh."""
    return it_energy_wh * (onsite_l_per_kwh + pue * offsite_l_per_kwh)


def cost_usd(facility_energy_wh: float, usd_per_kwh: float) -> float:
    """US dollars of electricity."""
    return facility_energy_wh / 1000 * usd_per_kwh
