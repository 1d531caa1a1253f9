"""Reads the manifest that describes a model's inputs and features, checks it, and fills documented defaults.

`inputs` and `features` are required. Everything else has a default, and every default taken is reported:

- `protectedInputs`: none.
- `reasons`: code from the input's name, text from its label.
- `policy`: version "1", costs 10 : 1 : 0.75, bands by Chow's rule for those costs, 600 points at odds of 30 : 1, 20
  points to double the odds.
- `training`: taken from the fitted model and from the rows that are exported with it.
- `createdAt`: SOURCE_DATE_EPOCH when set, otherwise the time of the export.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bundle_error import BundleError

TOP_KEYS = {"inputs", "protectedInputs", "features", "policy", "reasons", "training", "createdAt"}
INPUT_KEYS = {
    "name", "type", "minimum", "maximum", "categories", "nullable", "unit", "description", "label", "example",
}  # fmt: skip
RESERVED_NAMES = {
    "clientId", "protected", "constructor", "prototype", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable",
    "toLocaleString", "toString", "valueOf",
}  # fmt: skip
DEFAULT_COSTS = {"missedDefault": 10, "refusedGoodClient": 1, "manualReview": 0.75}
DEFAULT_POINTS = {"baseScore": 600, "baseOdds": 30, "pointsToDoubleOdds": 20}
OPERAND_LISTS = {"sum", "mean", "max", "min", "weightedSum", "countAtLeast"}
OP_KEYS = {
    "input": {"input"},
    "ratio": {"numerator", "denominator"},
    "difference": {"minuend", "subtrahend"},
    "sum": {"of"},
    "mean": {"of"},
    "max": {"of"},
    "min": {"of"},
    "weightedSum": {"of", "weights"},
    "countAtLeast": {"of", "threshold"},
    "log1p": {"of"},
    "oneHot": {"input", "category"},
    "ordinal": {"input"},
}


def read_manifest(file: Path) -> dict[str, Any]:
    """The manifest as written, refused when it is not a JSON object with known keys."""
    if not file.is_file():
        raise BundleError(file, "--manifest", "an existing JSON file", "Check the path.")

    def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise BundleError(file, name, "each key once", "Remove the repeated key.")
        return dict(pairs)

    try:
        manifest = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=refuse_repeated)
    except (json.JSONDecodeError, UnicodeDecodeError) as failure:
        line = f"line {failure.lineno}" if isinstance(failure, json.JSONDecodeError) else "encoding"
        raise BundleError(file, line, "valid JSON in UTF-8", "Correct the syntax.") from failure
    if not isinstance(manifest, dict):
        raise BundleError(file, "manifest", "a JSON object", "Start the file with {.")
    return manifest


def check_manifest(manifest: Mapping[str, Any], file: object, report: Callable[[str], None] = print) -> dict[str, Any]:
    """A complete copy of the manifest: valid, with defaults in place. `report` hears of every default."""
    complete = copy.deepcopy(dict(manifest))
    require_keys(complete, TOP_KEYS, {"inputs", "features"}, file, "manifest")
    for key in ("inputs", "features"):
        if not isinstance(complete[key], list) or not complete[key]:
            raise BundleError(file, key, "a list with at least one entry", "Declare what the model reads.")
    if "protectedInputs" not in complete:
        complete["protectedInputs"] = []
        report("protectedInputs: none declared, so fairness cannot be monitored")
    names: set[str] = set()
    for group in ("inputs", "protectedInputs"):
        for index, entry in enumerate(complete[group]):
            check_input(entry, file, f"{group}[{index}]", names)
    check_features(complete, file)
    complete["reasons"] = complete_reasons(complete, file, report)
    complete["policy"] = complete_policy(complete.get("policy", {}), file, report)
    return complete


def check_input(entry: Any, file: object, key: str, names: set[str]) -> None:
    """One input: name, type, range or categories, and an example that an application could carry."""
    required = {"name", "type", "description", "example"}
    require_keys(entry, INPUT_KEYS, required, file, key)
    name = entry["name"]
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][A-Za-z0-9]{0,63}", name) or name in RESERVED_NAMES:
        expected = "at most 64 letters and digits in camelCase, no reserved name"
        raise BundleError(file, f"{key}.name", expected, "Rename it.")
    if name in names:
        raise BundleError(file, f"{key}.name", "a name used once", "Rename or remove one of the two.")
    names.add(name)
    entry.setdefault("nullable", False)
    if not isinstance(entry["nullable"], bool):
        raise BundleError(file, f"{key}.nullable", "true or false", "Correct it.")
    if not isinstance(entry["description"], str) or not entry["description"]:
        raise BundleError(file, f"{key}.description", "text", "Say what the input means and in which unit.")
    if "unit" in entry and not isinstance(entry["unit"], str):
        raise BundleError(file, f"{key}.unit", "text", "Correct it, or leave it out.")
    if "label" in entry:
        require_texts(entry["label"], file, f"{key}.label")
    if entry["type"] == "category":
        check_category_input(entry, file, key)
    elif entry["type"] in ("number", "integer"):
        check_numeric_input(entry, file, key)
    else:
        raise BundleError(file, f"{key}.type", "number, integer or category", "Correct it.")


def check_category_input(entry: Mapping[str, Any], file: object, key: str) -> None:
    """Distinct text categories, no range, and an example among them."""
    for forbidden in ("minimum", "maximum"):
        if forbidden in entry:
            raise BundleError(file, f"{key}.{forbidden}", "no range on a category", "Remove it.")
    categories = entry.get("categories")
    texts = isinstance(categories, list) and all(isinstance(category, str) and category for category in categories)
    if not texts or not categories or len(set(categories)) != len(categories):
        raise BundleError(file, f"{key}.categories", "a list of distinct, non-empty texts", "Correct it.")
    if entry["example"] not in categories:
        raise BundleError(file, f"{key}.example", "one of the categories", "Correct it.")


def check_numeric_input(entry: Mapping[str, Any], file: object, key: str) -> None:
    """A finite range and an example inside it."""
    if "categories" in entry:
        raise BundleError(file, f"{key}.categories", "no categories on a number", "Remove them.")
    for bound in ("minimum", "maximum"):
        if not is_number(entry.get(bound)):
            raise BundleError(file, f"{key}.{bound}", "a finite number", "State the range that you trained on.")
    if entry["minimum"] > entry["maximum"]:
        raise BundleError(file, f"{key}.minimum", "at most the maximum", "Swap the two.")
    example = entry["example"]
    if not is_number(example) or not entry["minimum"] <= example <= entry["maximum"]:
        raise BundleError(file, f"{key}.example", "a number within the range", "Correct it.")
    if entry["type"] == "integer" and any(float(entry[bound]) % 1 for bound in ("minimum", "maximum", "example")):
        raise BundleError(file, f"{key}.example", "whole range and example for an integer", "Correct them.")


def check_features(manifest: Mapping[str, Any], file: object) -> None:
    """Unique names, known operations with exactly their keys, and operands that exist and are not protected."""
    inputs = {entry["name"]: entry for entry in manifest["inputs"]}
    protected = {entry["name"] for entry in manifest["protectedInputs"]}
    names: set[str] = set()
    for index, feature in enumerate(manifest["features"]):
        key = f"features[{index}]"
        require_keys(feature, {"name", "transform"}, {"name", "transform"}, file, key)
        if not isinstance(feature["name"], str) or not feature["name"] or feature["name"] in names:
            raise BundleError(file, f"{key}.name", "a text used once", "Rename it.")
        names.add(feature["name"])
        check_transform(feature["transform"], inputs, protected, file, f"{key}.transform")


def check_transform(
    transform: Any, inputs: Mapping[str, Any], protected: set[str], file: object, key: str
) -> None:
    """One transform and, inside it, every operand."""
    operation = transform.get("op") if isinstance(transform, dict) else None
    if operation not in OP_KEYS:
        raise BundleError(file, f"{key}.op", f"one of {', '.join(OP_KEYS)}", "Correct the operation.")
    require_keys(transform, OP_KEYS[operation] | {"op"}, OP_KEYS[operation] | {"op"}, file, key)
    if operation in ("oneHot", "ordinal"):
        require_input(transform["input"], inputs, protected, file, f"{key}.input", category=True)
        if operation == "oneHot" and transform["category"] not in inputs[transform["input"]]["categories"]:
            raise BundleError(file, f"{key}.category", "a category that the input declares", "Correct it.")
        return
    if operation == "input":
        require_input(transform["input"], inputs, protected, file, f"{key}.input", category=False)
        return
    if operation in OPERAND_LISTS:
        operands = transform["of"]
        if not isinstance(operands, list) or not operands:
            raise BundleError(file, f"{key}.of", "a list of one or more operands", "Correct it.")
        members = [(f"of[{index}]", operand) for index, operand in enumerate(operands)]
    else:
        members = [(name, transform[name]) for name in transform if name != "op"]
    for name, operand in members:
        if isinstance(operand, str):
            require_input(operand, inputs, protected, file, f"{key}.{name}", category=False)
        else:
            check_transform(operand, inputs, protected, file, f"{key}.{name}")
    if operation == "weightedSum":
        weights = transform["weights"]
        if not isinstance(weights, list) or len(weights) != len(transform["of"]) or not all(map(is_number, weights)):
            raise BundleError(file, f"{key}.weights", "one finite number per operand", "Correct the list.")
    if operation == "countAtLeast" and not is_number(transform["threshold"]):
        raise BundleError(file, f"{key}.threshold", "a finite number", "Correct it.")


def require_input(
    name: Any, inputs: Mapping[str, Any], protected: set[str], file: object, key: str, *, category: bool
) -> None:
    """The operand names a declared input of the right kind that the model may read."""
    if isinstance(name, str) and name in protected:
        raise BundleError(file, key, "an input that is not protected", "Take the feature out and retrain without it.")
    if not isinstance(name, str) or name not in inputs:
        raise BundleError(file, key, "the name of a declared input", "Declare the input, or correct the name.")
    if (inputs[name]["type"] == "category") != category:
        kind = "a category input" if category else "a numeric input"
        raise BundleError(file, key, kind, "Use oneHot or ordinal for categories, and numbers elsewhere.")


def complete_reasons(manifest: Mapping[str, Any], file: object, report: Callable[[str], None]) -> list[dict[str, Any]]:
    """One reason per input, in input order; those not written are made from the input's label."""
    written: dict[str, Any] = {}
    declared = {entry["name"] for entry in manifest["inputs"]}
    for index, reason in enumerate(manifest.get("reasons", [])):
        key = f"reasons[{index}]"
        require_keys(reason, {"input", "code", "text"}, {"input", "code", "text"}, file, key)
        if reason["input"] not in declared or reason["input"] in written:
            raise BundleError(file, f"{key}.input", "a declared, unprotected input, once", "Correct it.")
        if not isinstance(reason["code"], str) or not reason["code"]:
            raise BundleError(file, f"{key}.code", "text", "Write a short code.")
        require_texts(reason["text"], file, f"{key}.text")
        written[reason["input"]] = reason
    reasons = []
    for entry in manifest["inputs"]:
        name = entry["name"]
        if name not in written:
            label = entry.get("label", {"en": name, "fr": name})
            code = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])", "_", name).upper()
            written[name] = {"input": name, "code": code, "text": {"en": label["en"], "fr": label["fr"]}}
            report(f"reasons: no text for {name}, its label is used")
        reasons.append(written[name])
    if len({reason["code"] for reason in reasons}) != len(reasons):
        raise BundleError(file, "reasons", "a different code for each input", "Rename the repeated code.")
    return reasons


def complete_policy(policy: Any, file: object, report: Callable[[str], None]) -> dict[str, Any]:
    """Version, costs, bands and points; missing parts get the documented defaults."""
    require_keys(policy, {"version", "costs", "bands", "points"}, set(), file, "policy")
    complete = dict(policy)
    for key, default in (("version", "1"), ("costs", DEFAULT_COSTS), ("points", DEFAULT_POINTS)):
        if key not in complete:
            complete[key] = copy.deepcopy(default)
            report(f"policy.{key}: default {json.dumps(default)}")
    for key, default in (("costs", DEFAULT_COSTS), ("points", DEFAULT_POINTS)):
        require_keys(complete[key], set(default), set(default), file, f"policy.{key}")
        for name, value in complete[key].items():
            if not is_number(value) or value <= 0:
                raise BundleError(file, f"policy.{key}.{name}", "a number above 0", "Correct it.")
    if not isinstance(complete["version"], str) or not complete["version"]:
        raise BundleError(file, "policy.version", "text", "Name the policy's version.")
    if "bands" not in complete:
        complete["bands"] = theoretical_bands(complete["costs"])
        report(f"policy.bands: {json.dumps(complete['bands'])} by Chow's rule, not fitted to data")
    bands = complete["bands"]
    require_keys(bands, {"approveBelow", "referBelow"}, {"approveBelow", "referBelow"}, file, "policy.bands")
    if not all(map(is_number, bands.values())) or not 0 < bands["approveBelow"] <= bands["referBelow"] <= 1:
        raise BundleError(file, "policy.bands", "0 < approveBelow <= referBelow <= 1", "Correct the bands.")
    return {key: complete[key] for key in ("version", "costs", "bands", "points")}


def theoretical_bands(costs: Mapping[str, float]) -> dict[str, float]:
    """Chow's rule for exact probabilities: each client gets the cheapest decision."""
    approve = costs["manualReview"] / costs["missedDefault"]
    refer = 1 - costs["manualReview"] / costs["refusedGoodClient"]
    if approve >= refer:
        approve = refer = costs["refusedGoodClient"] / (costs["refusedGoodClient"] + costs["missedDefault"])
    return {"approveBelow": approve, "referBelow": refer}


def is_number(value: Any) -> bool:
    """A finite JSON number, not a boolean."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def require_texts(value: Any, file: object, key: str) -> None:
    """`{ en, fr }`, both not empty."""
    require_keys(value, {"en", "fr"}, {"en", "fr"}, file, key)
    if not all(isinstance(text, str) and text for text in value.values()):
        raise BundleError(file, key, "English and French text", "Write both.")


def require_keys(value: Any, known: set[str], required: set[str], file: object, key: str) -> None:
    """An object with all required keys and no unknown one."""
    if not isinstance(value, dict):
        raise BundleError(file, key, "a JSON object", "Correct it.")
    for name in sorted(required - value.keys()):
        raise BundleError(file, f"{key}.{name}", "the key to be there", "Add it.")
    for name in sorted(value.keys() - known):
        raise BundleError(file, f"{key}.{name}", f"only {', '.join(sorted(known))}", "Remove or rename the key.")
