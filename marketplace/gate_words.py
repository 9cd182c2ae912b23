"""How is a weigh ticket written on the paper of the gate's printer, and why is something refused there?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devices.weighbridge.scale_file import ScaleFile
    from devices.weighbridge.tickets import Issued

SHANGHAI = timezone(timedelta(hours=8))
WHY = {
    "unknown_ticket": "There is no ticket {number} in the book any more; the server has it. 本机无此磅单。",
    "is_void": "Ticket {number} is void, or voids another. 磅单已作废，或本身为作废记录。",
    "already_void": "Ticket {number} is void already. 磅单已作废。",
    "not_weighed": "Ticket {number} has no weight that was read off the indicator. 该磅单非实测重量。",
    "no_reason": "Say why, with --reason. 请填写作废原因。",
}
"""What each refusal of the book means for the person at the gate."""
SOURCES = {
    "weighed": "实测 weighed",
    "stored": "预置皮重 PT 调用存储 STORED, not weighed for this load",
    "typed": "预置皮重 PT 人工键入 TYPED, not weighed",
}
STOOD = {
    "flagged": "稳定（仪表标志）stable by the indicator",
    "derived": "稳定（算法判定）stable by rule",
    "unstable": "未判稳 not judged stable",
}
MODES = {"attended": "有人值守 attended", "unattended": "无人值守 unattended"}
_RULE = "-" * 48


def ticket_lines(device: str, scale: ScaleFile, found: Issued, by: str, at: datetime) -> list[str]:
    """Return a ticket as lines of text, saying which print of it this is."""
    one, told = found.reading, found.told
    copy = (
        "原件 original" if found.prints == 1 else f"补打 第 {found.prints} 次 / reprint, copy {found.prints}"
    )
    lines = [f"磅单 WEIGH TICKET  {device} #{one.ticket_number}", f"*** {copy} ***", _RULE]
    if told.void is not None:
        lines += [
            f"作废记录 VOIDS ticket #{told.void.no}",
            f"原因 reason: {told.void.reason}",
            f"作废人 by: {told.void.by}",
        ]
    if found.voided_by:
        lines.append(f"*** 已作废 VOID, see ticket #{found.voided_by} ***")
    if told.void is None:
        lines += [
            _row("车号 plate", one.plate),
            *_plates(found),
            _row("重量 weight", f"{one.weight_kg} kg    e = {one.division_kg} kg"),
            _row("来源 source", SOURCES[told.source.value]),
            *_earlier(found),
            _row("判稳 stability", STOOD[one.stability.value]),
            *([_row("货物 cargo", told.cargo)] if told.cargo else []),
        ]
    lines += [
        _row("时间 time", _moment(one.device_time)),
        *([_row("司磅员 operator", told.operator)] if told.operator else []),
        *([_row("方式 mode", MODES[told.mode.value])] if told.mode is not None else []),
        _row("协议 protocol", f"{scale.protocol}, {scale.commissioned}".rstrip(", ")),
        *[_row(f"照片 {view}", sha256[:16]) for view, sha256 in told.photos.items()],
        *[_row(f"照片 {view}", f"无 none: {code.value}") for view, code in told.lacks.items()],
        _RULE,
        _row("SHA-256", one.ticket_hash[:32]),
        _row("", one.ticket_hash[32:]),
        _row("打印 printed", f"{_moment(at)} {by}"),
    ]
    return lines


def _plates(found: Issued) -> list[str]:
    plates = found.told.plates
    if plates is None:
        return []
    said = (("识别 seen", plates.seen), ("键入 typed", plates.typed), ("平台 told", plates.told))
    lines = [_row(f"  {name}", plate) for name, plate in said if plate]
    named = {plate for _, plate in said if plate}
    return [*lines, "  *** 车号不一致 plates differ ***"] if len(named) > 1 else lines


def _earlier(found: Issued) -> list[str]:
    of = found.told.of
    if of is None:
        return []
    weighed = datetime.fromtimestamp(of.t / 1000, UTC)
    days = (found.reading.device_time - weighed).days
    return [_row("  称于 weighed", f"#{of.no}, {_moment(weighed)}, {days} 天前 days before")]


def _row(name: str, value: str) -> str:
    return f"{name:<16}{value}".rstrip()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
