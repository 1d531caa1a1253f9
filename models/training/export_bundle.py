"""Exports a fitted scikit-learn model as a bundle that the service scores bit for bit alike.

    python models/training/export_bundle.py \\
        --model FILE.joblib --manifest FILE.json --rows FILE.csv --out models/NAME/VERSION

The model: RandomForestClassifier, ExtraTreesClassifier or DecisionTreeClassifier, binary, labels 0 (repaid) and
1 (default). The manifest: at least `inputs` and `features`; `read_manifest.py` lists the defaults of the rest. The
rows: raw inputs and protected inputs as CSV, an empty cell for missing; they become the drift reference, so give rows
that the model was not trained on. Opening a joblib file runs code from it: only export files that you trust.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import warnings
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from bundle_error import BundleError
from flatten_forest import require_supported
from parse_rows import parse_rows, read_rows
from read_manifest import check_manifest, read_manifest, require_keys
from write_bundle import BundleSource, build_bundle, name_and_version, write_folder

TRAINING_KEYS = {"library", "estimator", "parameters", "dataset", "seed", "split", "metrics"}
DATASET_KEYS = {"name", "rows", "licence", "sha256", "attribution"}


def export_bundle(model_file: Path, manifest_file: Path, rows_file: Path, folder: Path, *, force: bool) -> None:
    """Checks everything, proves equality with scikit-learn, and only then writes the folder."""
    name, version = name_and_version(folder)
    manifest = read_manifest(manifest_file)
    complete = check_manifest(manifest, manifest_file, report_default)
    model = load_model(model_file)
    require_supported(model, model_file)
    table = read_rows(rows_file)
    if table.empty:
        raise BundleError(rows_file, "--rows", "at least one row", "Give rows that the model was not trained on.")
    declared = [*complete["inputs"], *complete["protectedInputs"]]
    extra = sorted(set(table.columns) - {entry["name"] for entry in declared})
    if extra:
        print(f"left out: columns that the manifest does not declare: {', '.join(extra)}")
    source = BundleSource(
        manifest=complete,
        model=model,
        model_file=model_file,
        rows=parse_rows(table, as_recorded(declared, complete), rows_file),
        training=complete_training(manifest.get("training", {}), model, rows_file, len(table), manifest_file),
        created_at=creation_time(manifest, manifest_file),
    )
    contents = build_bundle(source, name, version)
    changed = write_folder(folder, contents, force=force)
    sizes = ", ".join(f"{file} {len(content):,} bytes" for file, content in contents.items())
    print(f"{len(table)} rows equal to scikit-learn bit for bit; {sizes}")
    print(f"{folder}: {'written' if changed else 'unchanged'}")


def as_recorded(declared: list[Mapping[str, Any]], manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Protected inputs may always be missing from a row: applications need not carry them."""
    protected = {entry["name"] for entry in manifest["protectedInputs"]}
    return [{**entry, "nullable": entry["nullable"] or entry["name"] in protected} for entry in declared]


def load_model(file: Path) -> Any:
    """The fitted model; a file from another scikit-learn is refused, because its trees may mean something else."""
    if not file.is_file():
        raise BundleError(file, "--model", "an existing joblib file", "Check the path.")
    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        try:
            return joblib.load(file)
        except InconsistentVersionWarning as warning:
            expected = f"a model fitted with scikit-learn {sklearn.__version__}, which is installed here"
            remedy = f"Install scikit-learn {warning.original_sklearn_version}, or fit the model again."
            raise BundleError(file, "--model", expected, remedy) from warning
        except Exception as failure:  # a damaged or foreign file can raise anything
            remedy = "Write it with joblib.dump(model, file) under the packages installed here."
            raise BundleError(file, "--model", "a readable joblib file", remedy) from failure


def complete_training(
    given: Any, model: Any, rows_file: Path, row_count: int, manifest_file: Path
) -> dict[str, Any]:
    """The manifest's `training`, with what the model and the rows can tell where it is silent."""
    require_keys(given, TRAINING_KEYS, set(), manifest_file, "training")
    parameters = model.get_params()
    seed = parameters.get("random_state")
    facts = {
        "library": {"name": "scikit-learn", "version": sklearn.__version__},
        "estimator": type(model).__name__,
        "parameters": {
            key: value
            for key, value in sorted(parameters.items())
            if is_json(value) and key not in ("n_jobs", "verbose")
        },
        "dataset": {
            "name": "rows given to the export",
            "rows": row_count,
            "licence": "not stated",
            "sha256": hashlib.sha256(rows_file.read_bytes()).hexdigest(),
            "attribution": "not stated",
        },
        "seed": seed if isinstance(seed, (int, np.integer)) else None,
        "split": None,
        "metrics": {},
    }
    for key in ("dataset", "split", "metrics"):
        if key not in given:
            report_default(f"training.{key}: not stated in the manifest")
    complete = {**facts, **given}
    require_keys(complete["dataset"], DATASET_KEYS, DATASET_KEYS, manifest_file, "training.dataset")
    if not re.fullmatch(r"[0-9a-f]{64}", str(complete["dataset"]["sha256"])):
        remedy = "Write the digest of the data, or leave training.dataset out."
        raise BundleError(manifest_file, "training.dataset.sha256", "64 lower-case hexadecimal digits", remedy)
    return complete


def is_json(value: Any) -> bool:
    """Whether a parameter can be kept as JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def creation_time(manifest: Mapping[str, Any], file: Path) -> str:
    """`createdAt` of the manifest, else SOURCE_DATE_EPOCH, else now; UTC."""
    if "createdAt" in manifest:
        stated = manifest["createdAt"]
        if not isinstance(stated, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", stated):
            raise BundleError(file, "createdAt", "ISO 8601 in UTC, such as 2026-01-31T12:00:00Z", "Correct it.")
        return stated
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is not None and not re.fullmatch(r"\d{1,12}", epoch):
        raise BundleError("environment", "SOURCE_DATE_EPOCH", "seconds since 1970", "Correct or unset it.")
    report_default("createdAt: " + ("the time of this export" if epoch is None else "SOURCE_DATE_EPOCH"))
    moment = datetime.now(timezone.utc) if epoch is None else datetime.fromtimestamp(int(epoch), timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def report_default(text: str) -> None:
    """Says what the manifest left open."""
    print(f"default: {text}")


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when the bundle is in place, 1 when it was refused."""
    parser = argparse.ArgumentParser(description="Export a fitted scikit-learn tree model as a bundle.")
    parser.add_argument("--model", type=Path, required=True, help="fitted estimator, written by joblib.dump")
    parser.add_argument("--manifest", type=Path, required=True, help="JSON: inputs, features and, optionally, the rest")
    parser.add_argument("--rows", type=Path, required=True, help="CSV of raw inputs, not seen in training")
    parser.add_argument("--out", type=Path, required=True, help="models/NAME/VERSION")
    parser.add_argument("--force", action="store_true", help="replace a bundle that differs")
    given = parser.parse_args(arguments)
    try:
        export_bundle(given.model, given.manifest, given.rows, given.out, force=given.force)
    except BundleError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
