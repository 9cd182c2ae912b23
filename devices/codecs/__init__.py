"""Which bytes do we understand, and how do we say no to the others?

Every codec here is pure: bytes in, typed values out, and `FrameRefused` for whatever is not understood.
"""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Why some bytes were refused; stable identifiers for counters and dead letters."""

    BAD_TOPIC = "bad_topic"
    BAD_JSON = "bad_json"
    BAD_HEX = "bad_hex"
    BAD_FIELD = "bad_field"
    BAD_DELIMITER = "bad_delimiter"
    BAD_ESCAPE = "bad_escape"
    BAD_CHECKSUM = "bad_checksum"
    BAD_LENGTH = "bad_length"
    BAD_COORDINATES = "bad_coordinates"
    SWAPPED_COORDINATES = "swapped_coordinates"
    BAD_TIME = "bad_time"
    ENCRYPTED = "encrypted"
    SPLIT = "split"
    TOO_LONG = "too_long"
    NOISE = "noise"


class FrameRefused(ValueError):
    """Say that bytes were refused: `code` is for machines, `detail` for the operator's log."""

    def __init__(self, code: RefusalCode | str, detail: str = "") -> None:
        self.code = RefusalCode(code)
        self.detail = detail
        super().__init__(self.code, detail)

    def __str__(self) -> str:
        """Return the code and the detail on one line."""
        return f"{self.code}: {self.detail}" if self.detail else str(self.code)
