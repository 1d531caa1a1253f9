"""The computations of `test/bench/statistics.ts` in SciPy and NumPy, as their documentation has them.

    python test/bench/peers/statistics_scipy.py FOLDER

Prints `{"seconds", "version", "results"}`; imports and reading are not timed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

from statistics_input import Column, read_columns


def compare_counts(reference: np.ndarray, production: np.ndarray) -> dict[str, float]:
    chi_square = stats.chi2_contingency(np.array([reference, production]), correction=False)
    p = (reference + 0.5) / (reference.sum() + 0.5 * len(reference))
    q = (production + 0.5) / (production.sum() + 0.5 * len(production))
    return {
        "chiSquare": float(chi_square.statistic),
        "chiSquarePValue": float(chi_square.pvalue),
        "psi": float(np.sum((q - p) * np.log(q / p))),
        "jensenShannon": float(jensenshannon(reference, production, base=2)),
    }


def compare(column: Column) -> dict[str, float]:
    reference, production = column.reference, column.production
    if column.is_category:
        return compare_counts(np.bincount(reference, minlength=8), np.bincount(production, minlength=8))
    edges = np.unique(np.quantile(reference, np.arange(1, 10) / 10, method="inverted_cdf"))
    bins = [
        np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(edges) + 1)
        for sample in (reference, production)
    ]
    kolmogorov_smirnov = stats.ks_2samp(reference, production)
    return {
        "kolmogorovSmirnov": float(kolmogorov_smirnov.statistic),
        "kolmogorovSmirnovPValue": float(kolmogorov_smirnov.pvalue),
        "wasserstein": float(stats.wasserstein_distance(reference, production) / np.std(reference)),
        **compare_counts(*bins),
    }


columns = read_columns(Path(sys.argv[1]))
started = time.perf_counter()
results = {column.name: compare(column) for column in columns}
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "version": f"SciPy {scipy.__version__}", "results": results}))
