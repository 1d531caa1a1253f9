"""The export command: what it writes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier

Spoil = Callable[[Any], None]


def test_writes_a_bundle_with_five_hundred_parity_rows_from_a_hundred(workbench: Any) -> None:
    assert workbench.export() == 0
    document = json.loads((workbench.out / "model.json").read_text())
    parity = json.loads((workbench.out / "parity.json").read_text())
    assert (document["name"], document["version"], len(document["forest"]["trees"])) == ("small", "1.0.0", 5)
    assert len(parity["rows"]) >= 500
    assert any(row["inputs"]["income"] is None for row in parity["rows"])
    assert any(row["inputs"]["debt"] == 0 for row in parity["rows"])
    assert document["reference"]["sample"]["path"] == "reference.csv"


def test_two_exports_give_the_same_bytes(workbench: Any) -> None:
    assert workbench.export() == 0
    first = {file.name: file.read_bytes() for file in workbench.out.iterdir()}
    assert workbench.export("--force") == 0
    assert {file.name: file.read_bytes() for file in workbench.out.iterdir()} == first


@pytest.mark.parametrize(
    "model", [ExtraTreesClassifier(5, max_depth=4, random_state=0), DecisionTreeClassifier(max_depth=3)]
)
def test_exports_other_estimators(workbench: Any, model: Any) -> None:
    workbench.fit(model)
    assert workbench.export() == 0


def test_refuses_to_replace_another_bundle_unless_forced(workbench: Any, capsys: Any) -> None:
    assert workbench.export() == 0
    before = (workbench.out / "model.json").read_bytes()
    workbench.fit(DecisionTreeClassifier(max_depth=2))
    assert workbench.export() == 1
    assert "--force" in capsys.readouterr().err
    assert (workbench.out / "model.json").read_bytes() == before
    assert workbench.export("--force") == 0
    assert [path.name for path in workbench.out.parent.iterdir()] == ["1.0.0"]


def change_manifest(change: Spoil) -> Spoil:
    def spoil(workbench: Any) -> None:
        change(workbench.manifest)
        workbench.write_manifest()

    return spoil


def change_rows(change: Callable[[str], str]) -> Spoil:
    return lambda workbench: workbench.rows_file.write_text(change(workbench.rows_file.read_text()))


def first_transform(transform: Any) -> Spoil:
    return change_manifest(lambda manifest: manifest["features"][0].update(transform=transform))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda bench: bench.model_file.unlink(), "--model: expected an existing joblib file"),
        (lambda bench: bench.model_file.write_bytes(b"no model"), "--model: expected a readable joblib file"),
        (lambda bench: bench.fit(HistGradientBoostingClassifier(max_iter=2)), "estimator: expected a fitted Random"),
        (lambda bench: bench.fit(DecisionTreeClassifier(), np.arange(100) % 3), "two classes"),
        (lambda bench: bench.fit(DecisionTreeClassifier(), np.arange(100) % 2 + 1), "0 (repaid) then 1 (default)"),
        (lambda bench: bench.fit(DecisionTreeClassifier(), columns=2), "expected 2 features"),
        (first_transform({"op": "input", "input": "age"}), "features[0].transform.input: expected an input"),
        (first_transform({"op": "power", "of": "debt"}), "features[0].transform.op: expected one of"),
        (first_transform({"op": "input", "input": "home"}), "a numeric input"),
        (change_rows(lambda text: text.replace("debt", "debts")), "debt: expected a column"),
        (change_rows(lambda text: text + "5,2000,own,40\n"), "row 101: debt: expected a whole number from 0 to 1000"),
        (change_rows(lambda text: text + "5,nan,own,40\n"), "row 101: debt: expected a whole number"),
        (change_rows(lambda text: text + "5,1,tent,40\n"), "row 101: home: expected one of 2 declared categories"),
        (change_rows(lambda text: text + "5,,own,40\n"), "row 101: debt: expected a value"),
        (change_manifest(lambda manifest: manifest.update(extra=1)), "manifest.extra: expected only"),
        (change_manifest(lambda manifest: manifest.pop("features")), "manifest.features: expected the key"),
        (change_manifest(lambda manifest: manifest.update(createdAt="today")), "createdAt: expected ISO 8601"),
        (lambda bench: bench.manifest_file.write_text("{"), "expected valid JSON"),
        (lambda bench: setattr(bench, "out", bench.folder / "Small" / "1"), "--out: expected models/NAME/VERSION"),
    ],
)
def test_refuses_and_writes_nothing(workbench: Any, capsys: Any, spoil: Spoil, message: str) -> None:
    spoil(workbench)
    assert workbench.export() == 1
    error = capsys.readouterr().err
    assert message in error
    assert "2000" not in error and "tent" not in error
    assert not workbench.out.exists()


def test_refuses_features_that_float32_cannot_hold(workbench: Any, capsys: Any) -> None:
    workbench.manifest["inputs"][1].update(type="number")
    workbench.write_manifest()
    workbench.rows_file.write_text(workbench.rows_file.read_text() + "1,1e-300,own,40\n")
    assert workbench.export() == 1
    assert "feature incomeToDebt, row 101: expected a value that float32 can hold" in capsys.readouterr().err
