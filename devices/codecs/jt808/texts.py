"""How are GBK texts written into fixed fields, and how do we give back the very bytes we read?

Terminals pad with zeros or blanks, before or after. A text is read without its padding; when writing it in
the usual form (zeros after) would not give the same bytes, those bytes are kept beside it in `Unusual`.
"""

from devices.codecs import FrameRefused, RefusalCode

Unusual = dict[str, bytes]


def read_text(name: str, data: bytes, unusual: Unusual, *, fixed: bool = True) -> str:
    """Return the text of a field; note its bytes in `unusual` when `write_text` would write others."""
    text = _plain(data)
    if _usual(text, len(data) if fixed else None) != data:
        unusual[name] = data
    return text


def write_text(name: str, text: str, unusual: Unusual, width: int | None = None) -> bytes:
    """Return the bytes of a text, zeros up to `width`; refuse what GBK cannot say or what is too long."""
    kept = unusual.get(name)
    if kept is not None and _plain(kept) == text and width in (None, len(kept)):
        return kept
    data = _usual(text, width)
    if data is None or (width is not None and len(data) != width):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {text[:40]!r} does not fit")
    return data


def _plain(data: bytes) -> str:
    return data.decode("gbk", errors="replace").strip("\0 ")


def _usual(text: str, width: int | None) -> bytes | None:
    try:
        data = text.encode("gbk")
    except UnicodeEncodeError:
        return None
    return data if width is None else data.ljust(width, b"\0")
