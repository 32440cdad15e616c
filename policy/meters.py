"""The graphics cards' own energy meter, read through NVML where there is one."""


def card_energy_wh() -> float | None:
    """Wh that all NVIDIA cards of this machine have drawn since their driver was loaded; None where nothing can be read.

    Read it before and after a run: the difference is the run's, and `run_energy_wh` takes it as gpu_wh. The whole card is
    counted, also what others do on it. The counter exists from the Volta generation (2017) on; older cards give None.
    """
    try:
        import pynvml
        pynvml.nvmlInit()
    except Exception:  # no package, no driver, no card: each has an error of its own, and all mean that there is no meter
        return None
    try:
        cards = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        if not cards:
            return None
        return sum(pynvml.nvmlDeviceGetTotalEnergyConsumption(card) for card in cards) / 3.6e6  # mJ
    except pynvml.NVMLError:
        return None
    finally:
        pynvml.nvmlShutdown()
