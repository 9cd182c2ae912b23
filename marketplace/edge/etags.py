"""Which version of a thing does this edit mean?"""

from __future__ import annotations

from litestar.datastructures import ETag

from compliance.record.errors import N_, Stale
from marketplace.edge.identity import Visit
from marketplace.edge.refusals import VersionRequired


def etag_of(version: int) -> ETag:
    """Return the weak entity tag of a version: the same facts, whatever the bytes."""
    return ETag(value=str(version), weak=True)


def etag_header(version: int) -> dict[str, str]:
    """Return the ETag header of a version."""
    return {"ETag": etag_of(version).to_header()}


def require_match(request: Visit, version: int) -> None:
    """Raise 428 when an edit names no version and 412 when it names another than the newest.

    `*` is not taken: whoever edits must have read. Tags compare weakly, as versions do.
    """
    wanted = request.headers.get("if-match", "").strip()
    if not wanted or wanted == "*":
        raise VersionRequired
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")}
    if str(version) not in tags:
        raise Stale(
            N_("Someone has changed this since you read it."),
            field="If-Match",
            way_out=N_("Read it again and repeat your edit."),
        )
