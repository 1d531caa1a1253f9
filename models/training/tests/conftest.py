"""Makes the training modules importable from any working directory, and offers a small exportable model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from compute_features import compute_features  # noqa: E402
from export_bundle import main  # noqa: E402
from parse_rows import parse_rows, read_rows  # noqa: E402

INPUTS = [
    {
        "name": "income",
        "type": "number",
        "minimum": 0,
        "maximum": 1e6,
        "nullable": True,
        "description": "Income.",
        "example": 100,
    },
    {"name": "debt", "type": "integer", "minimum": 0, "maximum": 1000, "description": "Debt.", "example": 10},
    {
        "name": "home",
        "type": "category",
        "categories": ["rent", "own"],
        "nullable": True,
        "description": "Home.",
        "example": "own",
    },
]
PROTECTED = [{"name": "age", "type": "integer", "minimum": 18, "maximum": 120, "description": "Age.", "example": 40}]
FEATURES = [
    {"name": "income", "transform": {"op": "input", "input": "income"}},
    {"name": "incomeToDebt", "transform": {"op": "ratio", "numerator": "income", "denominator": "debt"}},
    {"name": "ownsHome", "transform": {"op": "oneHot", "input": "home", "category": "own"}},
]


class Workbench:
    """A folder with a model, a manifest and rows that export cleanly, to be spoiled one part at a time."""

    def __init__(self, folder: Path, rows: int = 100) -> None:
        self.folder = folder
        self.model_file, self.manifest_file, self.rows_file = (
            folder / name for name in ("model.joblib", "manifest.json", "rows.csv")
        )
        self.out = folder / "models" / "small" / "1.0.0"
        self.manifest: dict[str, Any] = json.loads(
            json.dumps(
                {
                    "createdAt": "2026-01-02T03:04:05Z",
                    "inputs": INPUTS,
                    "protectedInputs": PROTECTED,
                    "features": FEATURES,
                }
            )
        )
        generator = np.random.default_rng(1)
        homes = generator.choice(["rent", "own", ""], rows)
        incomes = ["" if home == "" else repr(float(generator.uniform(0, 1000))) for home in homes]
        debts = generator.integers(0, 5, rows)
        lines = [f"{income},{debt},{home},40" for income, debt, home in zip(incomes, debts, homes)]
        self.rows_file.write_text("\n".join(["income,debt,home,age", *lines]) + "\n")
        self.write_manifest()
        table = parse_rows(read_rows(self.rows_file), self.complete_inputs(), self.rows_file)
        self.features = compute_features(FEATURES, INPUTS, table)
        self.label = (generator.random(rows) < 0.2 + 0.15 * debts).astype(int)
        self.fit(RandomForestClassifier(n_estimators=5, max_depth=4, random_state=3))

    def complete_inputs(self) -> list[dict[str, Any]]:
        """Inputs with `nullable` filled in."""
        return [{"nullable": False, **entry} for entry in self.manifest["inputs"]]

    def fit(self, model: Any, label: np.ndarray | None = None, columns: int = 3) -> None:
        """Fits and saves another model."""
        joblib.dump(model.fit(self.features[:, :columns], self.label if label is None else label), self.model_file)

    def write_manifest(self) -> None:
        """Saves the manifest as it is now."""
        self.manifest_file.write_text(json.dumps(self.manifest))

    def export(self, *extra: str) -> int:
        """Runs the command as a user would."""
        return main(
            ["--model", str(self.model_file), "--manifest", str(self.manifest_file), "--rows", str(self.rows_file)]
            + ["--out", str(self.out), *extra]
        )


@pytest.fixture
def workbench(tmp_path: Path) -> Workbench:
    """A fresh workbench."""
    return Workbench(tmp_path)
