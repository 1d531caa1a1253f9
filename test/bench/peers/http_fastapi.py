"""The usual way in Python: FastAPI, pydantic and scikit-learn, one uvicorn worker.

The forest is rebuilt from the bundle's arrays as scikit-learn's own trees, so it is the very forest the service loads:
the benchmark compares its answers bit for bit. Nothing is kept. Favourable to this side: an `async` handler (no thread
pool), features in plain Python floats, uvloop and httptools.

    python test/bench/peers/http_fastapi.py models/credit-default/1.0.0 PORT
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, create_model
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

Values = Mapping[str, float]
Evaluate = Callable[[Values], float]

CLASSES = np.array([0, 1])


def rebuild_tree(arrays: Mapping[str, Sequence[float]], feature_count: int) -> DecisionTreeClassifier:
    """A fitted scikit-learn tree with these nodes."""
    tree = Tree(feature_count, np.array([2], dtype=np.intp), 1)
    empty = tree.__getstate__()["nodes"]
    leaf = np.array(arrays["left"]) < 0
    nodes = np.zeros(len(leaf), dtype=empty.dtype)
    nodes["left_child"] = arrays["left"]
    nodes["right_child"] = arrays["right"]
    nodes["feature"] = np.where(leaf, -2, arrays["feature"])
    nodes["threshold"] = np.where(leaf, -2.0, arrays["threshold"])
    nodes["missing_go_to_left"] = arrays["missingGoToLeft"]
    share = np.array(arrays["value"], dtype=np.float64)
    values = np.stack([1 - share, share], axis=1).reshape(len(leaf), 1, 2)
    tree.__setstate__({"max_depth": 0, "node_count": len(leaf), "nodes": nodes, "values": values})

    classifier = DecisionTreeClassifier()
    classifier.tree_ = tree
    classifier.classes_, classifier.n_classes_ = CLASSES, 2
    classifier.n_outputs_, classifier.n_features_in_ = 1, feature_count
    return classifier


def rebuild_forest(trees: Sequence[Mapping[str, Sequence[float]]], feature_count: int) -> RandomForestClassifier:
    """A fitted scikit-learn forest of these trees, in one thread."""
    forest = RandomForestClassifier(n_estimators=len(trees), n_jobs=1)
    forest.estimators_ = [rebuild_tree(arrays, feature_count) for arrays in trees]
    forest.classes_, forest.n_classes_ = CLASSES, 2
    forest.n_outputs_, forest.n_features_in_ = 1, feature_count
    return forest


def compile_operand(operand: str | Mapping[str, Any]) -> Evaluate:
    """The value of an input, or of another transform; see models/README.md."""
    return (lambda values: values[operand]) if isinstance(operand, str) else compile_transform(operand)


def compile_transform(transform: Mapping[str, Any]) -> Evaluate:
    """One feature as a function of the inputs; missing is NaN."""
    op = transform["op"]
    if op == "input":
        return compile_operand(transform["input"])
    if op == "ratio":
        over, under = compile_operand(transform["numerator"]), compile_operand(transform["denominator"])
        return lambda values: over(values) / divisor if (divisor := under(values)) else math.nan
    if op == "difference":
        first, second = compile_operand(transform["minuend"]), compile_operand(transform["subtrahend"])
        return lambda values: first(values) - second(values)
    operands = [compile_operand(operand) for operand in transform["of"]]
    fold = FOLDS[op](transform)

    def evaluate(values: Values) -> float:
        evaluated = [operand(values) for operand in operands]
        return math.nan if any(map(math.isnan, evaluated)) else fold(evaluated)

    return evaluate


def add(values: Sequence[float]) -> float:
    """Left to right: Python 3.12's `sum` would compensate its rounding."""
    total = values[0]
    for value in values[1:]:
        total += value
    return total


FOLDS: Mapping[str, Callable[[Mapping[str, Any]], Callable[[Sequence[float]], float]]] = {
    "sum": lambda _: add,
    "mean": lambda _: lambda values: add(values) / len(values),
    "max": lambda _: max,
    "min": lambda _: min,
    "weightedSum": lambda transform: lambda values: add([w * v for w, v in zip(transform["weights"], values)]),
    "countAtLeast": lambda transform: lambda values: sum(value >= transform["threshold"] for value in values),
}


def field(definition: Mapping[str, Any], *, required: bool) -> Any:
    """An input as a pydantic field: type, bounds or categories."""
    if definition["type"] == "category":
        kind: Any = Literal[tuple(definition["categories"])]
    else:
        number = int if definition["type"] == "integer" else float
        kind = Annotated[number, Field(strict=True, ge=definition["minimum"], le=definition["maximum"])]
    if definition["nullable"]:
        return (kind | None, None)
    return (kind, ...) if required else (kind | None, None)


def create_models(document: Mapping[str, Any]) -> type[BaseModel]:
    """The request model, made from the manifest as the service makes its own."""
    strict = ConfigDict(extra="forbid")
    attributes = {entry["name"]: field(entry, required=False) for entry in document["protectedInputs"]}
    protected = create_model("ProtectedAttributes", __config__=strict, **attributes)
    inputs = {entry["name"]: field(entry, required=True) for entry in document["inputs"]}
    client_id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$")]
    return create_model(
        "Application", __config__=strict, clientId=(client_id | None, None), protected=(protected | None, None), **inputs
    )


def create_app(folder: Path) -> FastAPI:
    """Two routes: with the model, and the same without asking it."""
    document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    forest = rebuild_forest(document["forest"]["trees"], len(document["features"]))
    features = [compile_transform(feature["transform"]) for feature in document["features"]]
    names = [entry["name"] for entry in document["inputs"]]
    policy, model = document["policy"], {key: document[key] for key in ("name", "version")}
    bands, points = policy["bands"], policy["points"]
    Application = create_models(document)
    app = FastAPI()

    def answer(client_id: str | None, probability: float) -> dict[str, Any]:
        clamped = min(max(probability, 0.0001), 0.9999)
        odds = (1 - clamped) / clamped / points["baseOdds"]
        below = probability < bands["approveBelow"], probability < bands["referBelow"]
        return {
            "id": "019a0b6e-6f00-7000-8000-0123456789ab",
            "clientId": client_id,
            "probability": probability,
            "score": round(points["baseScore"] + points["pointsToDoubleOdds"] * math.log2(odds)),
            "decision": "APPROVED" if below[0] else "REFERRED" if below[1] else "REJECTED",
            "model": model,
            "policyVersion": policy["version"],
            "inferenceTimeMs": 0.0123,
        }

    async def ready() -> None:
        """Listening means loaded."""

    async def predict(application: Any) -> dict[str, Any]:
        values = {name: math.nan if (v := getattr(application, name)) is None else v for name in names}
        row = np.array([[evaluate(values) for evaluate in features]], dtype=np.float32)
        return answer(application.clientId, float(forest.predict_proba(row)[0, 1]))

    async def validate(application: Any) -> dict[str, Any]:
        return answer(application.clientId, 0.0707277257532322)

    # The model is made at run time, so the annotation is set here; FastAPI reads it like any other.
    for handler in (predict, validate):
        handler.__annotations__["application"] = Application
    app.get("/ready")(ready)
    app.post("/predict")(predict)
    app.post("/validate")(validate)
    return app


if __name__ == "__main__":
    uvicorn.run(create_app(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
