"""What lies under the live map: which roads, which rivers, which towns, by which names?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from compliance.record.errors import N_
from devices.simulator.roads import network_geojson
from devices.simulator.towns import TOWNS
from marketplace.web.translation import Language, translate

NAMES: Mapping[str, str] = {
    "Wuhan": N_("Wuhan"),
    "Huangshi": N_("Huangshi"),
    "Shiyan": N_("Shiyan"),
    "Yichang": N_("Yichang"),
    "Xiangyang": N_("Xiangyang"),
    "Ezhou": N_("Ezhou"),
    "Jingmen": N_("Jingmen"),
    "Xiaogan": N_("Xiaogan"),
    "Jingzhou": N_("Jingzhou"),
    "Huanggang": N_("Huanggang"),
    "Xianning": N_("Xianning"),
    "Suizhou": N_("Suizhou"),
    "Enshi": N_("Enshi"),
    "Xiantao": N_("Xiantao"),
    "Qianjiang": N_("Qianjiang"),
    "Tianmen": N_("Tianmen"),
    "Shennongjia": N_("Shennongjia"),
    "Macheng": N_("Macheng"),
    "Zaoyang": N_("Zaoyang"),
    "Zhongxiang": N_("Zhongxiang"),
    "Danjiangkou": N_("Danjiangkou"),
    "Honghu": N_("Honghu"),
    "Chibi": N_("Chibi"),
    "Yangxin": N_("Yangxin"),
    "Lichuan": N_("Lichuan"),
    "Badong": N_("Badong"),
    "Zigui": N_("Zigui"),
    "Dangyang": N_("Dangyang"),
    "Songzi": N_("Songzi"),
    "Jianli": N_("Jianli"),
    "Wuxue": N_("Wuxue"),
    "Hanchuan": N_("Hanchuan"),
    "Anlu": N_("Anlu"),
    "Guangshui": N_("Guangshui"),
    "Laohekou": N_("Laohekou"),
    "Yicheng": N_("Yicheng"),
}
"""The seats of prefectures first, then the county towns that carry a name on the map."""
PREFECTURES = 17

RIVERS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "Yangtze": (
        (109.50, 31.02), (110.00, 31.05), (110.34, 31.04), (110.75, 30.93), (110.98, 30.83), (111.29, 30.69),
        (111.45, 30.38), (111.76, 30.42), (112.00, 30.33), (112.24, 30.30), (112.25, 30.05), (112.42, 29.73),
        (112.75, 29.72), (112.90, 29.82), (113.10, 29.55), (113.20, 29.45), (113.47, 29.80), (113.75, 29.92),
        (113.92, 29.98), (113.98, 30.20), (114.15, 30.42), (114.30, 30.57), (114.45, 30.66), (114.75, 30.58),
        (114.88, 30.43), (115.05, 30.24), (115.25, 30.13), (115.42, 29.98), (115.56, 29.84), (115.90, 29.74),
        (116.20, 29.80),
    ),
    "Han": (
        (109.60, 32.85), (110.05, 32.84), (110.45, 32.82), (110.95, 32.78), (111.49, 32.55), (111.68, 32.38),
        (111.66, 32.26), (111.95, 32.10), (112.13, 32.02), (112.25, 31.72), (112.45, 31.45), (112.57, 31.17),
        (112.55, 30.85), (112.75, 30.62), (112.90, 30.48), (113.17, 30.60), (113.46, 30.38), (113.83, 30.62),
        (114.10, 30.58), (114.28, 30.56),
    ),
}  # fmt: skip
"""The two great rivers by their bends at the towns, WGS-84 (lon, lat): a sketch, not a survey."""


@cache
def network(language: Language) -> dict[str, object]:
    """Return roads, rivers and towns as GeoJSON; every feature says that it is schematic."""
    roads: Any = network_geojson()["features"]
    features = [_of_kind("road", one) for one in roads]
    features += [_river(name, bends) for name, bends in RIVERS.items()]
    features += [
        _town(translate(language, words), TOWNS[name], rank=1 if place < PREFECTURES else 2)
        for place, (name, words) in enumerate(NAMES.items())
    ]
    return {"type": "FeatureCollection", "features": features}


def _of_kind(kind: str, feature: dict[str, Any]) -> dict[str, Any]:
    return feature | {"properties": feature["properties"] | {"kind": kind}}


def _river(name: str, bends: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": "river", "name": name, "schematic": True},
        "geometry": {"type": "LineString", "coordinates": [list(point) for point in rounded(bends)]},
    }


def _town(name: str, place: tuple[float, float], rank: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": "town", "name": name, "rank": rank, "schematic": True},
        "geometry": {"type": "Point", "coordinates": list(place)},
    }


def rounded(corners: tuple[tuple[float, float], ...], times: int = 3) -> tuple[tuple[float, float], ...]:
    """Cut the corners of a line (Chaikin's algorithm), so that it flows; its ends stay."""
    for _ in range(times):
        cut = [corners[0]]
        for (x, y), (u, v) in pairwise(corners):
            cut += [(x * 0.75 + u * 0.25, y * 0.75 + v * 0.25), (x * 0.25 + u * 0.75, y * 0.25 + v * 0.75)]
        corners = (*cut, corners[-1])
    return tuple((round(x, 5), round(y, 5)) for x, y in corners)
