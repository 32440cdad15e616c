"""Find pictures like this one: the nearest by code against the nearest by pixels, judged by their labels."""

import torch


def nearest(queries: torch.Tensor, shelf: torch.Tensor, k: int, at_once: int = 250) -> torch.Tensor:
    """Rows of shelf (M, D) nearest to each of queries (N, D), nearest first.  -> (N, k)"""
    shelf = shelf.float()
    return torch.cat([torch.cdist(part.float(), shelf).topk(k, largest=False).indices for part in queries.split(at_once)])


def precision(found: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """found (N, k): labels of what was found, nearest first; labels (N,): of the queries.

    Precision at 1 to k of each query: the share of the first so many that have its label.  -> (N, k)
    """
    right = (found == labels[:, None]).double()
    return right.cumsum(1) / torch.arange(1, found.shape[1] + 1)


def mean_with_interval(values: torch.Tensor) -> tuple[float, float, float]:
    """(low, mean, high) of values (N,): 95% by the normal approximation, within 0-1."""
    mean, half = values.mean().item(), 1.96 * values.std().item() / len(values) ** 0.5
    return max(0.0, mean - half), mean, min(1.0, mean + half)
