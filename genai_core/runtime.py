"""The only owner of device, thread count, precision, generators, and weight initialisation from a seed."""

import contextlib
import os
import threading

import torch

PRECISIONS = {"fp32": None, "bf16": torch.bfloat16}
BUILDING = threading.RLock()  # a module's constructor draws from one global stream, and a library that loads one changes torch for all


def device() -> torch.device:
    """The fastest device there is: CUDA if present, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def set_threads(n: int | None) -> int:
    """Use n threads (None: all cores) for tensor work in this process; returns the number set.

    In the app every heavy job runs on one thread: two jobs at torch's default were measured ten times slower.
    """
    n = n or os.cpu_count() or 1
    if n < 1:
        raise ValueError(f"threads must be at least 1, got {n}")
    torch.set_num_threads(n)
    return n


def use_plain_attention() -> None:
    """For the whole process, so only for a command: on a CPU in bfloat16 the fused kernel's backward is slower."""
    torch.backends.cuda.enable_flash_sdp(False)  # the flag holds on a CPU as well


def rng(seed: int, where: str | torch.device = "cpu") -> torch.Generator:
    """A generator of its own, seeded. Seeds are whole numbers from 0 to 2**63 - 1."""
    if not 0 <= int(seed) < 2**63:
        raise ValueError(f"seed must be a whole number from 0 to 2**63 - 1, got {seed}")
    return torch.Generator(device=where).manual_seed(int(seed))


def build(make, seed: int | torch.Generator):
    """make() with every weight drawn from the seed, whatever else runs in this process. A generator in its place is drawn from
    and goes on from there, as the global one does in plain torch code."""
    with BUILDING, torch.random.fork_rng(devices=[]):
        if isinstance(seed, torch.Generator):
            torch.set_rng_state(seed.get_state())
            made = make()
            seed.set_state(torch.get_rng_state())
            return made
        torch.manual_seed(seed)
        return make()


def loader_order(rows: int, stream: torch.Generator) -> torch.Tensor:
    """The order in which DataLoader(shuffle=True) hands out `rows` items, drawn from the stream as it draws from the global one:
    a number for its workers, then one that seeds the order. -> (rows,) int64"""
    for_workers, for_order = (torch.empty((), dtype=torch.int64).random_(generator=stream).item() for _ in range(2))
    return torch.randperm(rows, generator=rng(for_order))


def autocast(precision: str, where: torch.device):
    """Context that computes in the named precision: fp32 (as is) or bf16."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    dtype = PRECISIONS[precision]
    return torch.autocast(where.type, dtype=dtype) if dtype else contextlib.nullcontext()


def fast_bf16() -> bool:
    """Whether this CPU has instructions for bfloat16 (without them it is emulated, many times slower)."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))


def processes() -> tuple[int, int]:
    """(rank, number) of training processes; (0, 1) unless started by `accelerate launch`."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1


def join_processes() -> None:
    """Join the group that `accelerate launch` has prepared; without one, do nothing."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        from accelerate import PartialState

        PartialState(cpu=not torch.cuda.is_available())


def wait_for_all() -> None:
    """Until every training process has come here."""
    if processes()[1] > 1:
        torch.distributed.barrier()


def average_gradients(parameters) -> None:
    """Average gradients over all training processes, so that each takes the same step."""
    _, number = processes()
    gradients = [p.grad for p in parameters if p.grad is not None] if number > 1 else []
    if gradients:
        whole = torch.cat([g.flatten() for g in gradients])  # one message: many small ones cost more than their bytes
        torch.distributed.all_reduce(whole)
        for gradient, part in zip(gradients, whole.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient) / number)
