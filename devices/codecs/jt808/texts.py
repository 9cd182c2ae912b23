"""How are GBK texts written into fixed fields, and how do we give back the very bytes we read?

Terminals pad with zeros or blanks, before or after. A text is read without its padding; when writing it in
the usual form (zeros after) would not give the same bytes, those bytes are kept beside it in `Unusual`.
"""

from devices.codecs import FrameRefused, RefusalCode

Unusual = dict[str, bytes]


def read_text(name: str, data: bytes, unusual: Unusual, *, fixed: bool = True, encoding: str = "gbk") -> str:
    """Return the text of a field; note its bytes in `unusual` when `write_text` would write others."""
    text = _plain(data, encoding)
    if _usual(text, len(data) if fixed else None, encoding) != data:
        unusual[name] = data
    return text


def write_text(
    name: str, text: str, unusual: Unusual, width: int | None = None, *, encoding: str = "gbk"
) -> bytes:
    """Return the bytes of a text, zeros up to `width`; refuse what GBK cannot say or what is too long."""
    kept = unusual.get(name)
    if kept is not None and _plain(kept, encoding) == text and width in (None, len(kept)):
        return kept
    data = _usual(text, width, encoding)
    if data is None or (width is not None and len(data) != width):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {text[:40]!r} does not fit")
    return data


def _plain(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace").strip("\0\r\n ")


def _usual(text: str, width: int | None, encoding: str) -> bytes | None:
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        return None
    return data if width is None else data.ljust(width, b"\0")
