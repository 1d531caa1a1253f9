"""Evidently's drift report on the columns of `test/bench/statistics.ts`: `DataDriftPreset` as it comes.

    python test/bench/peers/statistics_evidently.py FOLDER

Prints `{"seconds", "version", "results"}`. Only the report is timed, after a small one that loads everything; frames and
types are ready before. At this size the preset takes the Wasserstein distance, normed by the reference's standard
deviation, for numbers and the Jensen-Shannon distance, to base e, for categories. Favourable to this side: categories
are small integers, not text.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path

os.environ["DO_NOT_TRACK"] = os.environ["ITERATIVE_DO_NOT_TRACK"] = "1"

import evidently  # noqa: E402
import pandas as pd  # noqa: E402
from evidently import DataDefinition, Dataset, Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402

from statistics_input import read_columns  # noqa: E402

QUANTITIES = {"Wasserstein distance (normed)": "wasserstein", "Jensen-Shannon distance": "jensenShannonNats"}

warnings.filterwarnings("ignore")
columns = read_columns(Path(sys.argv[1]))
definition = DataDefinition(
    numerical_columns=[column.name for column in columns if not column.is_category],
    categorical_columns=[column.name for column in columns if column.is_category],
)


def open_data(side: str, rows: int | None = None) -> Dataset:
    frame = pd.DataFrame({column.name: getattr(column, side)[:rows] for column in columns})
    return Dataset.from_pandas(frame, data_definition=definition)


def report(current: Dataset, reference: Dataset) -> dict:
    return Report([DataDriftPreset()]).run(current, reference).dict()


report(open_data("production", 2_000), open_data("reference", 2_000))
current, reference = open_data("production"), open_data("reference")
started = time.perf_counter()
answer = report(current, reference)
seconds = time.perf_counter() - started

results = {
    metric["config"]["column"]: {QUANTITIES[metric["config"]["method"]]: float(metric["value"])}
    for metric in answer["metrics"]
    if "column" in metric["config"]
}
print(json.dumps({"seconds": seconds, "version": f"Evidently {evidently.__version__}", "results": results}))
