"""Bands against the theory, and decisions by hand."""

import numpy as np
import pytest
from choose_bands import choose_bands, describe_decisions

COSTS = {"missedDefault": 10, "refusedGoodClient": 1, "manualReview": 0.75}


def test_finds_chows_bands_when_probabilities_are_exact() -> None:
    generator = np.random.default_rng(5)
    probability = generator.random(400_000)
    label = (generator.random(len(probability)) < probability).astype(int)
    bands = choose_bands(probability, label, COSTS)
    assert bands["approveBelow"] == pytest.approx(0.075, abs=0.011)
    assert bands["referBelow"] == pytest.approx(0.25, abs=0.011)


def test_describes_decisions_at_the_limits() -> None:
    probability, label = np.array([0.1, 0.2, 0.5, 0.9]), np.array([1, 0, 0, 1])
    described = describe_decisions(probability, label, {"approveBelow": 0.2, "referBelow": 0.5}, COSTS)
    assert described["approvedShare"] == 0.25
    assert described["referredShare"] == 0.25
    assert described["rejectedShare"] == 0.5
    assert described["costPerApplication"] == (10 + 1 + 0.75) / 4
