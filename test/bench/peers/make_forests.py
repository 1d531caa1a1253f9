"""Forests, rows and peers for the evaluator's benchmark.

Trains scikit-learn forests on synthetic, credit-like data (fixed seed) and writes for each one a folder with

- ``forest.json``: estimator, library, feature count, node count of every tree, row count;
- ``feature.i32``, ``threshold.f64``, ``left.i32``, ``right.i32``, ``missing.u8``, ``value.f64``: the nodes of all
  trees, one tree after another, little-endian;
- ``rows.f32`` (row-major) and ``probabilities.f64``: rows the forest has not seen, with scikit-learn's
  ``predict_proba(X)[:, 1]`` (``n_jobs=1``: with more jobs the order of the sum, and so the last bit, varies);
- for the forests compared with others: ``regressor.onnx``, ``classifier.onnx`` and ``nested-ifs``, an executable of
  nested C ``if`` statements (one function a tree, as treelite generates them) that answers requests for timing.

Usage: python make_forests.py FOLDER [--compiler gcc]
"""

import argparse
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import sklearn
from onnx import TensorProto, helper
from sklearn.ensemble import RandomForestClassifier

SEED = 20261123
TRAINING_ROWS = 24_000
BENCHMARK_ROWS = 10_000
FORESTS = {
    # name: (parameters, with missing values, with peers)
    "a": (dict(n_estimators=100, max_depth=10), False, True),
    "b": (dict(n_estimators=300, min_samples_leaf=5), False, True),
    "a-missing": (dict(n_estimators=100, max_depth=10), True, False),
}
TREES_PER_C_FILE = 10


def make_applications(rows, generator):
    """23 columns that look like an account's last six months, and whether the client defaulted (about 22 %)."""
    limit = 10_000 * np.ceil(generator.gamma(1.7, 10, rows))
    age = np.clip(np.round(generator.normal(36, 9, rows)), 21, 79)
    sex, education, marriage = (generator.integers(1, high, rows) for high in (3, 5, 4))
    trouble = generator.normal(0, 1, rows)
    status = np.empty((rows, 6))
    level = trouble + generator.normal(0, 0.6, rows)
    for month in range(6):
        level = 0.8 * level + generator.normal(0, 0.55, rows)
        status[:, month] = np.clip(np.round(1.3 * level - 0.3), -2, 8)
    use = np.clip(generator.beta(0.8, 1.2, rows) + 0.1 * trouble, 0, 1.2)
    bills = np.round(limit[:, None] * np.clip(use[:, None] + generator.normal(0, 0.08, (rows, 6)), -0.05, 1.4))
    paid_share = np.clip(generator.exponential(0.15, (rows, 6)) * np.exp(-0.5 * trouble)[:, None], 0, 1.5)
    payments = np.round(np.abs(bills) * paid_share * (generator.random((rows, 6)) > 0.15))
    log_odds = -1.75 + 0.55 * status[:, 0] + 0.25 * status[:, 1] + 0.8 * use - 1e-6 * limit + 0.006 * (age - 36)
    log_odds -= 0.35 * np.log1p(payments.mean(axis=1) / 1_000)
    log_odds += 0.9
    defaulted = (generator.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int64)
    columns = np.column_stack([limit, sex, education, marriage, age, status, bills, payments])
    return columns.astype(np.float32), defaulted


def with_missing_values(columns, generator):
    """Two payment columns go missing, mostly where the bill was 0 or less: as a ratio without a denominator."""
    columns = columns.copy()
    for month in (0, 3):
        missing = (columns[:, 11 + month] <= 0) | (generator.random(len(columns)) < 0.1)
        columns[missing, 17 + month] = np.nan
    return columns


def plain_trees(forest):
    """The arrays of `forest.trees[]`, see models/README.md."""
    for estimator in forest.estimators_:
        tree = estimator.tree_
        leaf = tree.children_left < 0
        counts = tree.value[:, 0, :]
        yield dict(
            feature=np.where(leaf, -1, tree.feature).astype("<i4"),
            threshold=np.where(leaf, 0.0, tree.threshold).astype("<f8"),
            left=tree.children_left.astype("<i4"),
            right=tree.children_right.astype("<i4"),
            missing=np.where(leaf, 0, tree.missing_go_to_left).astype("u1"),
            # The tree's own division, so that the share is the one predict_proba sums.
            value=np.where(leaf, (counts / counts.sum(axis=1, keepdims=True))[:, 1], 0.0).astype("<f8"),
        )


def float32_not_above(thresholds):
    """Largest float32 not above each float64: float32(x) <= threshold keeps its answer."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded.astype(np.float64) > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def write_forest(folder, forest, trees, rows):
    files = dict(feature="i32", threshold="f64", left="i32", right="i32", missing="u8", value="f64")
    for name, suffix in files.items():
        np.concatenate([tree[name] for tree in trees]).tofile(folder / f"{name}.{suffix}")
    rows.astype("<f4").tofile(folder / "rows.f32")
    forest.predict_proba(rows)[:, 1].astype("<f8").tofile(folder / "probabilities.f64")
    description = dict(
        estimator=type(forest).__name__,
        library=f"scikit-learn {sklearn.__version__}",
        featureCount=rows.shape[1],
        nodeCounts=[len(tree["feature"]) for tree in trees],
        rowCount=len(rows),
    )
    (folder / "forest.json").write_text(json.dumps(description))


def write_onnx(folder, trees, feature_count):
    """The same forest as one TreeEnsembleRegressor (one output) and as one TreeEnsembleClassifier (two)."""
    nodes = {
        key: []
        for key in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids", "hitrates")
    }
    leaves = []
    for number, tree in enumerate(trees):
        leaf = tree["feature"] < 0
        count = len(leaf)
        nodes["treeids"] += [number] * count
        nodes["nodeids"] += range(count)
        nodes["featureids"] += np.where(leaf, 0, tree["feature"]).tolist()
        nodes["values"] += float32_not_above(tree["threshold"]).tolist()
        nodes["modes"] += ["LEAF" if is_leaf else "BRANCH_LEQ" for is_leaf in leaf]
        nodes["truenodeids"] += np.where(leaf, 0, tree["left"]).tolist()
        nodes["falsenodeids"] += np.where(leaf, 0, tree["right"]).tolist()
        nodes["hitrates"] += [1.0] * count
        leaves += [(number, int(node), float(tree["value"][node]) / len(trees)) for node in np.flatnonzero(leaf)]
    attributes = {f"nodes_{key}": value for key, value in nodes.items()}
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, feature_count])

    def save(name, node, outputs):
        graph = helper.make_graph([node], name, [rows], outputs)
        opsets = [helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), folder / f"{name}.onnx")

    regressor = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows"],
        ["probability"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        target_treeids=[tree for tree, _, _ in leaves],
        target_nodeids=[node for _, node, _ in leaves],
        target_ids=[0] * len(leaves),
        target_weights=[weight for _, _, weight in leaves],
        **attributes,
    )
    save("regressor", regressor, [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1])])
    classifier = helper.make_node(
        "TreeEnsembleClassifier",
        ["rows"],
        ["label", "probability"],
        domain="ai.onnx.ml",
        classlabels_int64s=[0, 1],
        class_treeids=[tree for tree, _, _ in leaves for _ in range(2)],
        class_nodeids=[node for _, node, _ in leaves for _ in range(2)],
        class_ids=[0, 1] * len(leaves),
        class_weights=[w for _, _, weight in leaves for w in (1 / len(trees) - weight, weight)],
        **attributes,
    )
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
        helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 2]),
    ]
    save("classifier", classifier, outputs)


def nested_ifs(tree, number):
    """One C function; written with a stack, because trees can be deeper than Python recurses."""
    thresholds = float32_not_above(tree["threshold"])
    lines = [f"double tree_{number}(const float *x) {{"]
    pending = [0]
    while pending:
        entry = pending.pop()
        if isinstance(entry, str):
            lines.append(entry)
        elif tree["feature"][entry] < 0:
            lines.append(f"return {float(tree['value'][entry]).hex()};")
        else:
            lines.append(f"if (x[{tree['feature'][entry]}] <= {float(thresholds[entry]).hex()}f) {{")
            pending += ["}", int(tree["right"][entry]), "} else {", int(tree["left"][entry])]
    return "\n".join([*lines, "}"])


C_MAIN = """
/* Answers each line "FIRST COUNT" on standard input with nanoseconds a row; writes all
   answers to the second file at the end of input. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
DECLARATIONS
static double predict(const float *x) {
  double sum = 0;
CALLS
  return sum / TREE_COUNT;
}
int main(int count, char **arguments) {
  if (count != 3) return 2;
  static float rows[ROW_COUNT * FEATURE_COUNT];
  static double answers[ROW_COUNT];
  FILE *file = fopen(arguments[1], "rb");
  if (!file || fread(rows, sizeof rows, 1, file) != 1) return 3;
  fclose(file);
  long first, length;
  while (scanf("%ld %ld", &first, &length) == 2) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long row = first; row < first + length; row++)
      answers[row % ROW_COUNT] = predict(rows + row % ROW_COUNT * FEATURE_COUNT);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.3f\\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / length);
    fflush(stdout);
  }
  file = fopen(arguments[2], "wb");
  return !file || fwrite(answers, sizeof answers, 1, file) != 1 || fclose(file);
}
"""


def write_nested_ifs(folder, trees, rows, compiler):
    sources = folder / "nested-ifs-source"
    sources.mkdir(exist_ok=True)
    numbers = range(len(trees))
    main = C_MAIN.replace("DECLARATIONS", "\n".join(f"double tree_{n}(const float *x);" for n in numbers))
    main = main.replace("CALLS", "\n".join(f"  sum += tree_{n}(x);" for n in numbers))
    main = main.replace("TREE_COUNT", str(len(trees)))
    main = main.replace("ROW_COUNT", str(rows.shape[0])).replace("FEATURE_COUNT", str(rows.shape[1]))
    (sources / "main.c").write_text(main)
    for first in range(0, len(trees), TREES_PER_C_FILE):
        last = min(first + TREES_PER_C_FILE, len(trees))
        code = "\n".join(nested_ifs(trees[n], n) for n in range(first, last))
        (sources / f"trees-{first}.c").write_text(code)

    def compile_file(source):
        subprocess.run([compiler, "-O3", "-c", source, "-o", source.with_suffix(".o")], check=True)

    with ThreadPoolExecutor() as pool:
        list(pool.map(compile_file, sorted(sources.glob("*.c"))))
    objects = sorted(sources.glob("*.o"))
    subprocess.run([compiler, *objects, "-o", folder / "nested-ifs"], check=True)
    shutil.rmtree(sources)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--compiler", default="gcc", help="C compiler for the nested ifs; left out when not found")
    options = parser.parse_args()
    generator = np.random.default_rng(SEED)
    columns, defaulted = make_applications(TRAINING_ROWS + BENCHMARK_ROWS, generator)
    incomplete = with_missing_values(columns, generator)
    for name, (parameters, missing, peers) in FORESTS.items():
        folder = options.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        table = incomplete if missing else columns
        forest = RandomForestClassifier(**parameters, random_state=SEED, n_jobs=1)
        forest.fit(table[:TRAINING_ROWS], defaulted[:TRAINING_ROWS])
        trees, rows = list(plain_trees(forest)), table[TRAINING_ROWS:]
        if peers:
            write_onnx(folder, trees, rows.shape[1])
            if shutil.which(options.compiler):
                write_nested_ifs(folder, trees, rows, options.compiler)
        write_forest(folder, forest, trees, rows)  # last: its forest.json says that the folder is complete
        print(name, len(trees), "trees", sum(len(tree["feature"]) for tree in trees), "nodes", flush=True)


if __name__ == "__main__":
    main()
