"""How is a QR code drawn into a page?"""

from __future__ import annotations

import io

import segno


def inline_svg(content: str) -> str:
    """Return a QR code as an SVG element without a size of its own: the page's style gives it one."""
    picture = io.BytesIO()
    drawn = segno.make(content, error="m", micro=False)
    drawn.save(picture, kind="svg", scale=6, border=2, nl=False, xmldecl=False, omitsize=True)
    return picture.getvalue().decode()
