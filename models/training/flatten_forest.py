"""Turns fitted scikit-learn trees into parallel arrays, and walks those arrays as the service does."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from bundle_error import BundleError

SUPPORTED = (RandomForestClassifier, ExtraTreesClassifier, DecisionTreeClassifier)
LARGEST_FLOAT64 = float(np.finfo(np.float64).max)

Tree = Mapping[str, Sequence[float]]


def require_supported(model: object, file: object) -> None:
    """Refuses whatever the forest format cannot hold exactly."""
    names = ", ".join(estimator.__name__ for estimator in SUPPORTED)
    if type(model) not in SUPPORTED:
        remedy = "Export the tree model itself, not a pipeline, a search or a calibrated model around it."
        raise BundleError(file, "estimator", f"a fitted {names}", remedy)
    if not hasattr(model, "classes_"):
        raise BundleError(file, "estimator", "a fitted model", "Call fit before joblib.dump.")
    if model.n_outputs_ != 1 or len(model.classes_) != 2:
        raise BundleError(file, "classes_", "two classes of one output", "Train on one binary label.")
    if model.classes_.tolist() != [0, 1]:  # False and True count as 0 and 1
        raise BundleError(
            file, "classes_", "0 (repaid) then 1 (default)", "Train on labels 0 and 1, where 1 means default."
        )


def probabilities(model: Any, features: np.ndarray) -> np.ndarray:
    """scikit-learn's `predict_proba(X)[:, 1]` in one thread, so that trees are summed in their order."""
    if hasattr(model, "n_jobs"):
        model.n_jobs = 1
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        return model.predict_proba(features.astype(np.float32))[:, 1]


def flatten_forest(model: Any) -> list[dict[str, list[float]]]:
    """One dictionary of parallel arrays per tree, in the order in which scikit-learn sums them."""
    estimators = getattr(model, "estimators_", [model])
    return [flatten_tree(estimator.tree_) for estimator in estimators]


def flatten_tree(tree: Any) -> dict[str, list[float]]:
    """Arrays of one tree. Leaves carry −1, 0 and the share of defaults; inner nodes carry value 0.

    scikit-learn separates missing from present with the threshold +infinity, which JSON cannot hold. It becomes the
    largest float64: every finite float32 lies below both, so that no row changes its way.
    """
    leaf = tree.children_left < 0
    threshold = np.where(np.isposinf(tree.threshold), LARGEST_FLOAT64, tree.threshold)
    return {
        "feature": np.where(leaf, -1, tree.feature).tolist(),
        "threshold": np.where(leaf, 0.0, threshold).tolist(),
        "left": np.where(leaf, -1, tree.children_left).tolist(),
        "right": np.where(leaf, -1, tree.children_right).tolist(),
        "missingGoToLeft": np.where(leaf, 0, tree.missing_go_to_left).astype(int).tolist(),
        "value": np.where(leaf, tree.value[:, 0, 1], 0.0).tolist(),
    }


def walk_forest(trees: Sequence[Tree], features: np.ndarray) -> np.ndarray:
    """P(default) from the arrays alone: leaf shares summed in tree order, from 0, and divided once."""
    rows = features.astype(np.float32)
    total = np.zeros(len(rows), dtype=np.float64)
    for tree in trees:
        total += walk_tree(tree, rows)
    return total / len(trees)


def walk_tree(tree: Tree, rows: np.ndarray) -> np.ndarray:
    """The leaf share each float32 row reaches; left when value <= threshold, missing where the node says."""
    feature, threshold, left, right, missing_go_to_left, value = (
        np.asarray(tree[key]) for key in ("feature", "threshold", "left", "right", "missingGoToLeft", "value")
    )
    node = np.zeros(len(rows), dtype=np.int64)
    walking = np.arange(len(rows))[feature[node] >= 0]
    while len(walking):
        here = node[walking]
        observed = rows[walking, feature[here]].astype(np.float64)
        goes_left = np.where(np.isnan(observed), missing_go_to_left[here] == 1, observed <= threshold[here])
        node[walking] = np.where(goes_left, left[here], right[here])
        walking = walking[feature[node[walking]] >= 0]
    return value[node]


def require_equal(model: Any, trees: Sequence[Tree], features: np.ndarray, file: object) -> np.ndarray:
    """scikit-learn's probabilities; raises unless the arrays give them bit for bit on every row."""
    expected = probabilities(model, features)
    differing = int(np.count_nonzero(walk_forest(trees, features) != expected))
    if differing:
        remedy = f"{differing} of {len(features)} rows differ. Retrain with the pinned scikit-learn and export again."
        raise BundleError(file, "forest", "the exported arrays to equal predict_proba bit for bit", remedy)
    return expected
