"""The one error that training and export raise for a mistake the reader can correct."""


class BundleError(Exception):
    """Says which file, which key, what was expected and what to do; never the offending value."""

    def __init__(self, file: object, key: str, expected: str, remedy: str) -> None:
        super().__init__(f"{file}: {key}: expected {expected}. {remedy}")
        self.file = str(file)
        self.key = key
        self.expected = expected
        self.remedy = remedy
