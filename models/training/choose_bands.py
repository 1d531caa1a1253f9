"""Chooses where to approve, refer to a person, and reject: Chow's reject option with unequal costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

GRID_STEPS = 200


def choose_bands(probability: np.ndarray, label: np.ndarray, costs: Mapping[str, float]) -> dict[str, float]:
    """The bands with the lowest cost on validation rows, on a grid of 0.005.

    Cost = missedDefault · approved defaults + refusedGoodClient · rejected good clients + manualReview · referred.

    Were the probabilities exact, the best answer for one client with probability p is the cheapest of missedDefault · p
    (approve), manualReview (refer) and refusedGoodClient · (1 − p) (reject). Hence, with costs 10, 1 and m:

    - approve below m / 10,
    - reject from 1 − m,
    - refer between; only worth it when m / 10 < 1 − m, that is m < 10/11. Beyond that, one threshold at 1/11 remains.

    The grid minimises the cost that actually arose, which also pays for errors of calibration. The lowest bands win a
    tie: the cautious choice. Cost: O(grid · log rows). Source: Chow (1970), IEEE Trans. Inf. Theory 16:41–46.
    """
    grid = np.arange(1, GRID_STEPS + 1) / GRID_STEPS
    defaults_below = np.searchsorted(np.sort(probability[label == 1]), grid, side="left")
    good_below = np.searchsorted(np.sort(probability[label == 0]), grid, side="left")
    below = defaults_below + good_below
    approved = costs["missedDefault"] * defaults_below - costs["manualReview"] * below
    rejected = costs["refusedGoodClient"] * (np.count_nonzero(label == 0) - good_below)
    referred = costs["manualReview"] * below
    total = approved[:, np.newaxis] + (rejected + referred)[np.newaxis, :]
    total[np.tril_indices(GRID_STEPS, -1)] = np.inf  # approveBelow may not exceed referBelow
    approve, refer = np.unravel_index(int(np.argmin(total)), total.shape)
    return {"approveBelow": float(grid[approve]), "referBelow": float(grid[refer])}


def describe_decisions(
    probability: np.ndarray, label: np.ndarray, bands: Mapping[str, float], costs: Mapping[str, float]
) -> dict[str, float]:
    """Shares of the three decisions, default rate in each, and the mean cost per application."""
    approved = probability < bands["approveBelow"]
    rejected = probability >= bands["referBelow"]
    referred = ~approved & ~rejected
    cost = (
        costs["missedDefault"] * np.count_nonzero(approved & (label == 1))
        + costs["refusedGoodClient"] * np.count_nonzero(rejected & (label == 0))
        + costs["manualReview"] * np.count_nonzero(referred)
    )
    result: dict[str, float] = {"rows": len(label)}
    for name, chosen in (("approved", approved), ("referred", referred), ("rejected", rejected)):
        result[f"{name}Share"] = round(float(np.count_nonzero(chosen)) / len(label), 6)
        rate = float(np.count_nonzero(label[chosen] == 1)) / max(1, np.count_nonzero(chosen))
        result[f"{name}DefaultRate"] = round(rate, 6)
    result["costPerApplication"] = round(float(cost) / len(label), 6)
    return result
