"""Builds a bundle from a fitted model, proves it, and writes it whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from build_parity_rows import build_parity_rows
from build_reference import build_reference
from bundle_error import BundleError
from compute_features import compute_features
from flatten_forest import flatten_forest, require_equal, require_supported, walk_forest
from parse_rows import format_rows

MODEL_FORMAT = "credit-scoring-model/1"
PARITY_FORMAT = "credit-scoring-parity/1"
MINIMUM_PARITY_ROWS = 500
PARITY_SEED = 20050930
SAMPLE_FILE = "reference.csv"


@dataclass(frozen=True)
class BundleSource:
    """Everything a bundle is made from; `manifest` is checked and complete, `rows` are parsed."""

    manifest: Mapping[str, Any]
    model: Any
    model_file: object
    rows: pd.DataFrame
    training: Mapping[str, Any]
    created_at: str
    sample_path: str = SAMPLE_FILE


def build_bundle(source: BundleSource, name: str, version: str) -> dict[str, bytes]:
    """Contents by file name: model.json, parity.json and the reference sample (reference.csv).

    Refuses when the exported arrays differ from `predict_proba` by one bit on any row given or constructed.
    """
    manifest, model = source.manifest, source.model
    inputs, features = manifest["inputs"], manifest["features"]
    require_supported(model, source.model_file)
    require_feature_columns(model, features, source.model_file)
    trees = flatten_forest(model)

    matrix = compute_features(features, inputs, source.rows)
    require_finite(matrix, features, source.model_file)
    probability = require_equal(model, trees, matrix, source.model_file)
    parity_rows = build_parity_rows(inputs, features, source.rows, trees, PARITY_SEED)
    parity_matrix = compute_features(features, inputs, parity_rows)
    parity_probability = require_equal(model, trees, parity_matrix, source.model_file)

    monitored = [*inputs, *manifest["protectedInputs"]]
    sample = source.rows[[entry["name"] for entry in monitored]].assign(probability=probability)
    sample_bytes = format_rows(sample)
    digest = hashlib.sha256(sample_bytes).hexdigest()
    described = {"path": source.sample_path, "rows": len(sample), "sha256": digest}
    document = {
        "format": MODEL_FORMAT,
        "name": name,
        "version": version,
        "createdAt": source.created_at,
        "training": source.training,
        "inputs": inputs,
        "protectedInputs": manifest["protectedInputs"],
        "features": features,
        "forest": {"trees": trees},
        "policy": manifest["policy"],
        "reasons": manifest["reasons"],
        "reference": build_reference(monitored, source.rows, probability, described),
    }
    parity = {"format": PARITY_FORMAT, "rows": parity_entries(inputs, parity_rows, parity_probability)}
    contents = {
        "model.json": format_json(document, expand=("forest", "training", "reference")),
        "parity.json": format_json(parity),
        SAMPLE_FILE: sample_bytes,
    }
    require_readable(contents)
    return contents


def require_readable(contents: Mapping[str, bytes]) -> None:
    """Reads the bytes to be written as the service will, from raw inputs to probabilities: all bits must return."""
    document, parity = json.loads(contents["model.json"]), json.loads(contents["parity.json"])
    inputs = document["inputs"]
    columns = {
        entry["name"]: pd.Series(
            [row["inputs"][entry["name"]] for row in parity["rows"]],
            dtype=object if entry["type"] == "category" else np.float64,
        )
        for entry in inputs
    }
    matrix = compute_features(document["features"], inputs, pd.DataFrame(columns))
    expected = np.array([row["probability"] for row in parity["rows"]], dtype=np.float64)
    differing = int(np.count_nonzero(walk_forest(document["forest"]["trees"], matrix) != expected))
    if differing or len(expected) < MINIMUM_PARITY_ROWS:
        wanted = f"at least {MINIMUM_PARITY_ROWS} rows that read back to the same probabilities"
        remedy = f"{differing} rows differ: report this as a fault of the export."
        raise BundleError("parity.json", "rows", wanted, remedy)


def require_feature_columns(model: Any, features: Sequence[Mapping[str, Any]], file: object) -> None:
    """The manifest describes exactly the columns that the model was fitted on, in their order."""
    if model.n_features_in_ != len(features):
        count = f"{model.n_features_in_} features in the manifest"
        expected = f"{count}, as the model was fitted on (it has {len(features)})"
        raise BundleError(file, "features", expected, "List every column that the model was fitted on, in order.")
    fitted = list(getattr(model, "feature_names_in_", []))
    for index, feature in enumerate(features):
        if fitted and fitted[index] != feature["name"]:
            remedy = "Give features the names and the order of the columns that the model was fitted on."
            raise BundleError(file, f"features[{index}].name", "the model's name for this column", remedy)


def require_finite(matrix: np.ndarray, features: Sequence[Mapping[str, Any]], file: object) -> None:
    """No feature may leave the range of float32: neither scikit-learn nor the service accepts infinity."""
    with np.errstate(over="ignore"):
        infinite = np.isinf(matrix.astype(np.float32))
    for column, row in zip(*np.nonzero(infinite.T)):
        remedy = "Narrow the inputs' ranges, or use whole numbers in the denominator."
        key = f"feature {features[column]['name']}, row {row + 1}"
        raise BundleError(file, key, "a value that float32 can hold", remedy)


def parity_entries(
    inputs: Sequence[Mapping[str, Any]], rows: pd.DataFrame, probability: np.ndarray
) -> list[dict[str, Any]]:
    """`{ inputs, probability }` per row; missing is null."""
    names = [entry["name"] for entry in inputs]
    records = zip(*(rows[name].tolist() for name in names))
    return [
        {"inputs": dict(zip(names, record)), "probability": value}
        for record, value in zip(records, probability.tolist())
    ]


def plain_numbers(value: Any) -> Any:
    """The same value in shortest JSON form: 2.0 becomes 2, NaN becomes null; −0.0 stays."""
    if isinstance(value, Mapping):
        return {key: plain_numbers(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_numbers(inner) for inner in value]
    if isinstance(value, (np.floating, np.integer, np.bool_)):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        negative_zero = value == 0.0 and math.copysign(1.0, value) < 0
        if value.is_integer() and abs(value) < 2**53 and not negative_zero:
            return int(value)
    return value


def format_json(document: Mapping[str, Any], expand: Sequence[str] = ()) -> bytes:
    """JSON, diffable yet compact: one top-level key a line, list entries and the members of `expand` one a line."""

    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def listed(values: Sequence[Any]) -> str:
        return "[\n" + ",\n".join(compact(value) for value in values) + "\n]"

    def member(value: Any) -> str:
        long = isinstance(value, list) and value and isinstance(value[0], dict)
        return listed(value) if long else compact(value)

    lines = []
    for key, value in plain_numbers(document).items():
        if key in expand and isinstance(value, dict):
            inner = ",\n".join(f"{compact(name)}: {member(content)}" for name, content in value.items())
            lines.append(f"{compact(key)}: {{\n{inner}\n}}")
        else:
            lines.append(f"{compact(key)}: {member(value)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def name_and_version(folder: Path) -> tuple[str, str]:
    """The bundle's name and version are its two folder names."""
    name, version = folder.resolve().parts[-2:]
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", name) or not re.fullmatch(r"\d+\.\d+\.\d+", version):
        expected = "models/NAME/VERSION: lower-case letters, digits, - and . in NAME, three dotted numbers in VERSION"
        raise BundleError(folder, "--out", expected, "Choose another folder.")
    return name, version


def write_folder(folder: Path, contents: Mapping[str, bytes], *, force: bool) -> bool:
    """Writes all files or none: a temporary sibling folder is filled, then renamed. Says whether anything changed.

    A bundle is immutable: an existing different one is refused unless `force`.
    """
    if folder.exists():
        existing = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        if existing == dict(contents):
            return False
        if not force:
            remedy = "Export under a new version, or pass --force to replace it."
            raise BundleError(folder, "--out", "no other bundle in this folder", remedy)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        filled = temporary / "new"
        filled.mkdir()
        for name, content in contents.items():
            write_durably(filled / name, content)
        if folder.exists():
            os.rename(folder, temporary / "old")
        os.rename(filled, folder)
    finally:
        if not folder.exists() and (temporary / "old").exists():
            os.rename(temporary / "old", folder)
        shutil.rmtree(temporary, ignore_errors=True)
    return True


def write_file(file: Path, content: bytes) -> None:
    """Replaces one file in a single step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.new")
    write_durably(temporary, content)
    os.replace(temporary, file)


def write_durably(file: Path, content: bytes) -> None:
    """The bytes are on disk before the caller renames anything."""
    with file.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
