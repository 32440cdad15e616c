"""Digits for the linear VAE: scikit-learn's 1,797 pictures of 8x8, their covariance, and pictures drawn from the same codes."""

import functools

import numpy as np

SIDE = 8
BRIGHTEST = 16.0


@functools.cache
def measured() -> tuple[np.ndarray, np.ndarray]:
    """Mean (64,) and covariance (64, 64) of the pictures, brightness 0 to 1. (Alpaydin & Kaynak 1998, UCI)"""
    from sklearn.datasets import load_digits

    pictures = load_digits().data / BRIGHTEST
    return pictures.mean(0), np.cov(pictures.T, bias=True)


def noise_left(latent: int) -> float:
    """The likeliest decoder noise of probabilistic PCA: the mean of the eigenvalues that `latent` axes leave (Tipping & Bishop 1999)."""
    values = np.linalg.eigvalsh(measured()[1])[::-1]
    return float(values[latent:].mean())


def aligned(w: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Axes w (d, k) turned so that the same code means as nearly as possible the same as with `before` (orthogonal Procrustes).

    Axes are known only up to a rotation of the code, and a standard normal code is the same in law after it.
    """
    left, _, right = np.linalg.svd(w.T @ before)
    return w @ (left @ right)


def codes(many: int, mean: np.ndarray, w: np.ndarray, noise: float) -> np.ndarray:
    """The likeliest codes (many, k) of the first real pictures, in their order 0, 1, 2, ..., for a model as in `pictures`:
    z = (W'W + s^2)^-1 W'(x - mean)  (Tipping & Bishop 1999)."""
    from sklearn.datasets import load_digits

    gap = load_digits().data[:many] / BRIGHTEST - measured()[0] - mean
    return np.linalg.solve(w.T @ w + noise * np.eye(w.shape[1]), w.T @ gap.T).T


def pictures(mean: np.ndarray, w: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """mean (64,) as deviation from the data's, w (64, k), codes (m, k) -> (m, 64), brightness 0 to 1."""
    return np.clip(measured()[0] + mean + codes @ w.T, 0, 1)
