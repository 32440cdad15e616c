"""What is measured and what other tools say: the cards' meter, EcoLogits, CodeCarbon; each may be missing."""

import math
import sys
import types

import pytest

from policy import crosscheck, meters
from policy.errors import BadInput
from policy.requests import request


class NvmlError(Exception):
    pass


def fake_nvml(millijoules, fails=False):
    """A driver with one counter per card."""
    def counter(card):
        if fails:
            raise NvmlError
        return millijoules[card]
    return types.SimpleNamespace(nvmlInit=lambda: None, nvmlShutdown=lambda: None, NVMLError=NvmlError,
                                 nvmlDeviceGetCount=lambda: len(millijoules), nvmlDeviceGetHandleByIndex=lambda i: i,
                                 nvmlDeviceGetTotalEnergyConsumption=counter)


@pytest.mark.parametrize("driver, wh", [(fake_nvml([3_600_000]), 1.0), (fake_nvml([1_800_000, 9_000_000]), 3.0),
                                        (fake_nvml([]), None), (fake_nvml([5], fails=True), None)])
def test_the_cards_meter_counts_millijoules_of_all_cards(monkeypatch, driver, wh):
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    assert meters.card_energy_wh() == wh


def test_no_package_is_no_meter(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert meters.card_energy_wh() is None


def test_here_the_meter_reads_or_says_nothing():
    got = meters.card_energy_wh()
    assert got is None or got >= 0 and math.isfinite(got)


def test_the_library_is_quoted_with_its_version_and_its_zone():
    said = crosscheck.ecologits_says("gpt-4o", 400, "Alberta")
    assert (said.tool, said.version) == ("EcoLogits", "0.11.3") and "Canada was asked" in said.note
    assert said.energy_wh == pytest.approx((0.578874, 0.963706), rel=1e-5)
    assert said.energy_wh[0] < request(model="gpt-4o", output_tokens=400).energy.central < said.energy_wh[1]
    assert "no region chosen" in crosscheck.ecologits_says("llama-3.1-8b", 400).note
    with pytest.raises(BadInput, match="Did you mean gpt-4o"):
        crosscheck.ecologits_says("gpt-4oo", 400)


def test_without_the_library_nothing_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "ecologits.tracers.utils", None)
    monkeypatch.setitem(sys.modules, "codecarbon", None)
    assert crosscheck.ecologits_says("gpt-4o", 400) is None
    assert crosscheck.codecarbon_tracker("Alberta", cpu_w=14) is None


def test_codecarbon_is_offline_and_guesses_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "codecarbon", types.SimpleNamespace(OfflineEmissionsTracker=lambda **given: given))
    given = crosscheck.codecarbon_tracker("Alberta", cpu_w=14, pue=1.15)
    assert given["force_carbon_intensity_g_co2e_kwh"] == 405 and given["country_iso_code"] == "CAN"
    assert (given["force_cpu_power"], given["force_ram_power"], given["pue"]) == (14, 3, 1.15) and not given["save_to_file"]
    assert crosscheck.codecarbon_tracker(cpu_w=1)["force_carbon_intensity_g_co2e_kwh"] == pytest.approx(458.29)
    with pytest.raises(BadInput, match="watts of the processor"):
        crosscheck.codecarbon_tracker(cpu_w=-1)
