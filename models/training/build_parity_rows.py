"""Makes the rows on which the service must agree with scikit-learn: real ones, and the ones where mistakes hide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from compute_features import compute_features, evaluate

SAMPLED_ROWS = 300
MINIMUM_ROWS = 520
THRESHOLDS_PER_FEATURE = 6
ATTEMPTS = 256

Entries = Sequence[Mapping[str, Any]]


def build_parity_rows(
    inputs: Entries, features: Entries, rows: pd.DataFrame, trees: Sequence[Mapping[str, Any]], seed: int
) -> pd.DataFrame:
    """Raw inputs: sampled rows, range limits, missing values, values equal to thresholds, then random mixtures.

    `rows`: parsed rows with at least one line. The result has at least 500 rows, whatever the size of `rows`.
    """
    generator = np.random.default_rng(seed)
    rows = rows[[entry["name"] for entry in inputs]]
    sampled = rows.iloc[generator.permutation(len(rows))[:SAMPLED_ROWS]]
    built = [sampled, limit_rows(inputs, rows), missing_rows(inputs, features, rows, generator)]
    built.append(threshold_rows(inputs, features, rows, trees, generator))
    parity = keep_finite(inputs, features, pd.concat(built, ignore_index=True))
    while len(parity) < MINIMUM_ROWS:
        mixture = mixed_rows(rows, MINIMUM_ROWS - len(parity), generator)
        parity = pd.concat([parity, keep_finite(inputs, features, mixture)], ignore_index=True)
    return parity


def keep_finite(inputs: Entries, features: Entries, rows: pd.DataFrame) -> pd.DataFrame:
    """Only rows that scikit-learn accepts: every feature is missing or finite as float32."""
    with np.errstate(over="ignore"):
        infinite = np.isinf(compute_features(features, inputs, rows).astype(np.float32)).any(axis=1)
    return rows[~infinite].reset_index(drop=True)


def limit_rows(inputs: Entries, rows: pd.DataFrame) -> pd.DataFrame:
    """All inputs at their limits, alternating limits, and each input at each limit (or category) on a real row."""
    limits = [
        entry["categories"] if entry["type"] == "category" else [float(entry["minimum"]), float(entry["maximum"])]
        for entry in inputs
    ]
    names = [entry["name"] for entry in inputs]
    built = [
        {
            name: limit[0] if (index * alternate + offset) % 2 == 0 else limit[-1]
            for index, (name, limit) in enumerate(zip(names, limits))
        }
        for alternate, offset in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    base = rows.iloc[0].to_dict()
    built += [{**base, name: value} for name, limit in zip(names, limits) for value in limit]
    return as_rows(built, rows)


def missing_rows(
    inputs: Entries, features: Entries, rows: pd.DataFrame, generator: np.random.Generator
) -> pd.DataFrame:
    """Each nullable input missing, all of them missing, and each denominator at 0."""
    nullable = {entry["name"]: None if entry["type"] == "category" else np.nan for entry in inputs if entry["nullable"]}
    built = []
    for count in range(3):
        base = rows.iloc[count % len(rows)].to_dict()
        built += [{**base, name: missing} for name, missing in nullable.items()]
        built.append({**base, **nullable})
    found = [as_rows(built, rows)]
    for denominator in denominators([feature["transform"] for feature in features]):
        found.append(solve(denominator, 0.0, inputs, rows, generator).head(3))
    return pd.concat(found, ignore_index=True)


def denominators(operands: Sequence[Any]) -> Iterator[Any]:
    """Every denominator anywhere inside the transforms."""
    for operand in operands:
        if isinstance(operand, Mapping):
            if operand["op"] == "ratio":
                yield operand["denominator"]
            yield from denominators(members(operand))


def members(transform: Mapping[str, Any]) -> list[Any]:
    """The operands inside a transform."""
    keys = ("of", "numerator", "denominator", "minuend", "subtrahend")
    found = [transform[key] for key in keys if key in transform]
    return [inner for operand in found for inner in (operand if isinstance(operand, list) else [operand])]


def threshold_rows(
    inputs: Entries,
    features: Entries,
    rows: pd.DataFrame,
    trees: Sequence[Mapping[str, Any]],
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Rows in which a feature equals, as float32, a threshold of the forest: equality must go left.

    Thresholds that float32 cannot hold come last, and then the float32 value next to them is the target.
    """
    found = [rows.head(0)]
    for column, feature in enumerate(features):
        held = np.unique(np.concatenate([thresholds_of(tree, column) for tree in trees]))
        with np.errstate(over="ignore"):
            nearest = held.astype(np.float32)
        targets = [*generator.permutation(held[nearest == held]), *generator.permutation(nearest[nearest != held])]
        solved = 0
        for target in targets[: 4 * THRESHOLDS_PER_FEATURE]:
            equal = solve(feature["transform"], float(target), inputs, rows, generator).head(1)
            found.append(equal)
            solved += len(equal)
            if solved == THRESHOLDS_PER_FEATURE:
                break
    return pd.concat(found, ignore_index=True)


def thresholds_of(tree: Mapping[str, Any], column: int) -> np.ndarray:
    """Thresholds at which one tree splits on one feature."""
    return np.asarray(tree["threshold"], dtype=np.float64)[np.asarray(tree["feature"]) == column]


def solve(
    operand: Any, target: float, inputs: Entries, rows: pd.DataFrame, generator: np.random.Generator
) -> pd.DataFrame:
    """Rows for which the operand is `target` as float32; none when the attempts miss.

    Each attempt takes a real row, gives one input a random value of its range, and moves another along the secant
    through two points: exact for whatever is linear in that input, a rounded guess otherwise.
    """
    declared = {entry["name"]: entry for entry in inputs if entry["type"] != "category"}
    categories = {entry["name"]: entry.get("categories", []) for entry in inputs}
    read = sorted(numeric_inputs(operand) & declared.keys())
    if not read:
        return rows.head(0)
    first = rows.iloc[generator.integers(0, len(rows), ATTEMPTS)].reset_index(drop=True).copy()
    moved = generator.choice(read, ATTEMPTS)
    for name in read:
        varied = (generator.random(ATTEMPTS) < 1.0 / len(read)) & (moved != name)
        first.loc[varied, name] = draw(declared[name], rows[name], int(varied.sum()), generator)
    second = first.copy()
    for name in read:
        second.loc[moved == name, name] = draw(declared[name], rows[name], int((moved == name).sum()), generator)
    with np.errstate(all="ignore"):
        slope = evaluate(operand, second, categories) - evaluate(operand, first, categories)
        fraction = (target - evaluate(operand, first, categories)) / slope
        third = first.copy()
        for name in read:
            entry, chosen = declared[name], moved == name
            start, end = first[name].to_numpy(), second[name].to_numpy()
            value = start + fraction * (end - start)
            value = np.round(value) if entry["type"] == "integer" else value
            legal = np.isfinite(value) & (value >= entry["minimum"]) & (value <= entry["maximum"])
            third.loc[chosen, name] = np.where(legal, value, start)[chosen]
        equal = evaluate(operand, third, categories).astype(np.float32) == np.float32(target)
    return third[equal].reset_index(drop=True)


def numeric_inputs(operand: Any) -> set[str]:
    """Names of the numeric inputs that an operand reads."""
    if isinstance(operand, str):
        return {operand}
    if operand["op"] == "input":
        return {operand["input"]}
    return set().union(*(numeric_inputs(inner) for inner in members(operand)))


def draw(entry: Mapping[str, Any], observed: pd.Series, count: int, generator: np.random.Generator) -> np.ndarray:
    """Random legal values: half of them over the declared range, half over the observed one."""
    wide = generator.uniform(entry["minimum"], entry["maximum"], count)
    seen = observed.dropna()
    low, high = (seen.min(), seen.max()) if len(seen) else (entry["minimum"], entry["maximum"])
    values = np.where(generator.random(count) < 0.5, wide, generator.uniform(low, high, count))
    return np.clip(np.round(values) if entry["type"] == "integer" else values, entry["minimum"], entry["maximum"])


def mixed_rows(rows: pd.DataFrame, count: int, generator: np.random.Generator) -> pd.DataFrame:
    """Rows whose every input comes from a random real row: legal values in new combinations."""
    drawn = {name: rows[name].take(generator.integers(0, len(rows), count)) for name in rows.columns}
    return pd.DataFrame({name: column.reset_index(drop=True) for name, column in drawn.items()})


def as_rows(built: Sequence[Mapping[str, Any]], like: pd.DataFrame) -> pd.DataFrame:
    """Rows with the columns and types of `like`."""
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in built], dtype=like[name].dtype) for name in like.columns}
    )
