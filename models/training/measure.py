"""How well probabilities rank and calibrate, with bootstrap intervals."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

BOOTSTRAPS = 1000
DIGITS = 6


def roc_auc(label: np.ndarray, probability: np.ndarray) -> float:
    """Chance that a random default is ranked above a random good client."""
    return float(roc_auc_score(label, probability))


def gini(label: np.ndarray, probability: np.ndarray) -> float:
    """2 · ROC AUC − 1."""
    return 2.0 * roc_auc(label, probability) - 1.0


def ks(label: np.ndarray, probability: np.ndarray) -> float:
    """Largest distance between the score distributions of defaults and of good clients (Kolmogorov–Smirnov)."""
    false_positive, true_positive, _ = roc_curve(label, probability, drop_intermediate=False)
    return float(np.max(np.abs(true_positive - false_positive)))


def brier(label: np.ndarray, probability: np.ndarray) -> float:
    """Mean squared difference between probability and outcome."""
    return float(brier_score_loss(label, probability))


def logarithmic_loss(label: np.ndarray, probability: np.ndarray) -> float:
    """Mean negative log-likelihood, in nats."""
    return float(log_loss(label, probability, labels=[0, 1]))


METRICS = {"rocAuc": roc_auc, "gini": gini, "ks": ks, "brier": brier, "logLoss": logarithmic_loss}


def measure(label: np.ndarray, probability: np.ndarray, seed: int) -> dict[str, object]:
    """Every metric as `{ value, low, high }`: 95 % percentile bootstrap over rows, rounded to six decimals."""
    generator = np.random.default_rng(seed)
    samples = [generator.integers(0, len(label), len(label)) for _ in range(BOOTSTRAPS)]
    result: dict[str, object] = {"rows": len(label)}
    for name, metric in METRICS.items():
        resampled = [metric(label[rows], probability[rows]) for rows in samples]
        low, high = np.quantile(resampled, [0.025, 0.975])
        result[name] = {
            "value": round(metric(label, probability), DIGITS),
            "low": round(float(low), DIGITS),
            "high": round(float(high), DIGITS),
        }
    return result
