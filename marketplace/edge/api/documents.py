"""How does the API describe an answer, and turn a row into one?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
from litestar import Response
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from compliance.record.numbers import LARGEST_KG
from marketplace.edge.etags import etag_header

T = TypeVar("T")

CursorParameter = Annotated[str | None, QueryParameter(description="`next` of the part before")]
LimitParameter = Annotated[int, QueryParameter(ge=1, le=200, description="how many entries a part has")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="degrees WGS-84")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="degrees WGS-84")]
FIRST_YEAR, LAST_YEAR = 2000, 2199
MOST_COUNTED = 999_999
MOST_FEN = 10**12
Year = Annotated[int, msgspec.Meta(ge=FIRST_YEAR, le=LAST_YEAR, description="calendar year")]
YearWanted = Annotated[int, QueryParameter(ge=FIRST_YEAR, le=LAST_YEAR, description="calendar year")]
YearParameter = Annotated[
    int | None, QueryParameter(ge=FIRST_YEAR, le=LAST_YEAR, description="calendar year; this one without it")
]
Kilograms = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_KG, description="whole kilograms")]
StatedKilograms = Annotated[int, msgspec.Meta(ge=-LARGEST_KG, le=LARGEST_KG, description="whole kilograms")]
"""A mass of which a rule of the market tells what is wrong, with everything else that is (P5)."""
Grams = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_KG, description="whole grams")]
Litres = Annotated[int, msgspec.Meta(ge=1, le=MOST_COUNTED, description="whole litres")]
Count = Annotated[int, msgspec.Meta(ge=1, le=MOST_COUNTED, description="how many alike")]
Reason = Annotated[str, msgspec.Meta(max_length=400)]
Sha256 = Annotated[
    str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of a file that was uploaded before")
]


def told(answer: type, status: int = 201) -> Mapping[int, ResponseSpec]:
    """Return the description of an answer that `Door.once` gives as bytes."""
    return {status: ResponseSpec(data_container=answer, generate_examples=False, description="Done.")}


def view(row: object, shape: type[T]) -> T:
    """Return a row's attributes as an answer of the given shape."""
    return msgspec.convert(row, shape, from_attributes=True)


def versioned(answer: T, version: int) -> Response[T]:
    """Return an answer with the ETag that an edit of it sends back."""
    return Response(answer, headers=etag_header(version))
