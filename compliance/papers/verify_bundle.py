"""Does this bundle hold? Run `python3 verify.py` beside its files; it needs Python 3.9 and nothing else.

环链证据包离线核验：在解压后的文件夹中运行 `python3 verify.py`，只需 Python 3.9 及以上，无需联网。

It checks that every file is as it was packed, that every event of the record is what its hash says and fits
the event before it, that every signature is among the events, that what the manifest states of waste and
papers is what its document says, that a pipeline's period is what both ends signed and metered, that what
was signed without signal is what the terminal's key signed, and that every weigh ticket is what its scale
signed (RFC 8032, FIPS 186-5); it tells whether the newest signature covers the document as it stands, and
whether any covers what is stated. It is a copy of the product's own file and stands for itself.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P
LENGTH = 32

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B256 = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
GX256 = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY256 = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
UNCOMPRESSED = 4

Flat = tuple[int, int]
Point = tuple[int, int, int, int]
# extended homogeneous coordinates (X, Y, Z, T)


def canonical(value: object) -> bytes:
    """Return RFC 8785 JSON; everything here is text, whole numbers, true, false or null."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    """Return a SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_faults(folder: Path) -> list[str]:
    """Return the files that are not as they were packed."""
    hashes = json.loads((folder / "hashes.json").read_text(encoding="utf-8"))
    found = []
    for name, packed in sorted(hashes.items()):
        path = folder / name
        if not path.is_file():
            found.append(f"{name}: missing 缺失")
        elif sha256(path.read_bytes()) != packed:
            found.append(f"{name}: changed since it was packed 与打包时不一致")
    return found


def event_faults(events: list[dict[str, object]]) -> list[str]:
    """Return the events that are not what their hashes say, or do not fit the event before."""
    found = []
    known = {one["seq"]: one["hash"] for one in events}
    for one in events:
        content = {key: value for key, value in one.items() if key != "hash"}
        if sha256(canonical(content)) != one["hash"]:
            found.append(f"event 事件 #{one['seq']}: content and hash differ 内容与哈希不符")
        before = known.get(int(str(one["seq"])) - 1, one["previous_hash"])
        if before != one["previous_hash"]:
            found.append(f"event 事件 #{one['seq']}: does not fit the event before 与前一事件不衔接")
    return found


def signature_faults(record: dict[str, Any]) -> list[str]:
    """Return the signatures that are not on the record."""
    signatures, events = record["signatures"], record["events"]
    told = [json.loads(one["data"]) for one in events]
    said = {(one.get("document_hash"), one.get("credential")) for one in told}
    return [
        f"signature 签名 {one['ordinal']}: not among the events 事件链中没有"
        for one in signatures
        if (one["document_hash"], one.get("credential")) not in said
    ]


def unsigned(record: dict[str, Any]) -> bool:
    """Tell whether the document says what neither the newest signature nor an approved correction covers."""
    if "period" in record:
        return False
    corrected = [json.loads(one["data"]) for one in record["events"] if one["kind"] == "ManifestCorrected"]
    covered = {one["document_hash"] for one in record["signatures"][-1:]}
    return sha256(canonical(record["document"])) not in covered | {one["hash_after"] for one in corrected}


def statement_faults(record: dict[str, Any]) -> list[str]:
    """Return whether what the manifest states is not what its document says; the first form says nothing."""
    document, statement = record.get("document", {}), record.get("statement")
    if document.get("form") is None or statement is None or statement["frozen_at"] is None:
        return []
    if canonical(statement["stated"]) == canonical(document["stated"]):
        return []
    return ["statement 联单所载: not what the document says 与联单正文不符"]


def unstated(record: dict[str, Any]) -> bool:
    """Tell whether what the manifest states is covered by no signature: it was signed in the first form."""
    signatures = record["signatures"]
    return bool(signatures) and all(one.get("form", 1) == 1 for one in signatures)


def period_faults(record: dict[str, Any]) -> list[str]:
    """Return where a pipeline's period is not the sum of its days, or not what the events say was signed."""
    period = record.get("period")
    if period is None:
        return []
    found, days = [], {"mover": 0, "receiver": 0}
    for one in record["readings"]:
        days[one["side"]] += one["kg"]
    told = {one["kind"]: json.loads(one["data"]) for one in record["events"]}
    issued, confirmed = told.get("PeriodIssued", {}), told.get("PeriodConfirmed", {})
    if not days["mover"] == issued.get("kg") == period["mover_kg"]:
        found.append("period 期间: not what its mover issued 与移出人签发的数量不符")
    if period["confirmed_at"] is not None and not (
        days["receiver"] == confirmed.get("receiver_kg") == period["receiver_kg"]
        and confirmed.get("accepted_kg") == period["accepted_kg"]
    ):
        found.append("period 期间: not what its receiver confirmed 与接受人确认的数量不符")
    return found + period_document_faults(record, issued, confirmed)


def period_document_faults(
    record: dict[str, Any], issued: dict[str, Any], confirmed: dict[str, Any]
) -> list[str]:
    """Return where a period's document is not what its two ends signed, or not what the meters said.

    The mover signed it without the receiver's part; one that is reopened still is what was signed last.
    """
    document = record.get("document")
    if document is None:
        return []
    found, theirs = [], document["receiver"]
    if sha256(canonical(document | {"receiver": None})) != issued.get("document_hash"):
        found.append("document 正文: not what its mover signed 与移出人签署的内容不符")
    if theirs is not None and sha256(canonical(document)) != confirmed.get("document_hash"):
        found.append("document 正文: not what its receiver signed 与接受人签署的内容不符")
    said = [("mover", one) for one in document["mover"]["days"]]
    said += [("receiver", one) for one in (theirs["days"] if theirs is not None else [])]
    signed = {(side, one["day"], one["kg"]) for side, one in said}
    read = {(one["side"], one["day"], one["kg"]) for one in record["readings"]}
    if record["period"]["state"] != "to_be_corrected" and not signed <= read:
        found.append("document 正文: not what the meters said 与计量读数不符")
    return found


def evidence_faults(record: dict[str, Any], folder: Path) -> list[str]:
    """Return the photos and scans that the events name and that are not here as they were kept."""
    named = {json.loads(one["data"]).get("file") for one in record["events"]} - {None, ""}
    here = {path.stem: path for path in (folder / "files").glob("*")}
    found = []
    for one in sorted(named | set(record.get("files", []))):
        if one not in here:
            found.append(f"file 文件 {one}: not in the bundle 证据包中没有")
        elif sha256(here[one].read_bytes()) != one:
            found.append(f"file 文件 {one}: not the file that was kept 与留存文件不符")
    return found


def ticket_faults(tickets: list[dict[str, object]]) -> list[str]:
    """Return the weigh tickets that are not what their scale signed."""
    found = []
    for one in tickets:
        signed = str(one["signed"]).encode()
        if sha256(signed) != one["hash"]:
            found.append(
                f"ticket 磅单 {one['device']} #{one['number']}: content and hash differ 内容与哈希不符"
            )
        if one.get("photos") and one["photos"] != json.loads(signed).get("photos", {}):
            found.append(f"ticket 磅单 {one['device']} #{one['number']}: photos differ 照片与签名内容不符")
        keys = one["keys"]
        assert isinstance(keys, list)
        if not any(
            signature_holds(bytes.fromhex(key), signed, bytes.fromhex(str(one["sig"]))) for key in keys
        ):
            found.append(f"ticket 磅单 {one['device']} #{one['number']}: signature does not hold 签名不成立")
    return found


def waiting_photos(tickets: list[dict[str, Any]]) -> list[str]:
    """Return the pictures that a scale signed and that had not come in when the bundle was packed."""
    return [
        f"ticket 磅单 {one['device']} #{one['number']}: {view}"
        for one in tickets
        for view in one.get("photos_waiting", [])
    ]


def kept_faults(record: dict[str, Any]) -> list[str]:
    """Return the acts kept without signal that their terminals' keys did not sign, or not on record."""
    said = {json.loads(one["data"]).get("hash") for one in record["events"] if one["kind"] == "ActKept"}
    found = []
    for one in record.get("kept_acts", []):
        name = f"kept act 离线签署 #{one['seq']}"
        text, key, signature = one["statement"].encode(), one["public_key"], one["signature"]
        if sha256(text) != one["hash"] or one["hash"] not in said:
            found.append(f"{name}: not among the events 事件链中没有")
        holds = p256_holds if one["algorithm"] == "p256" else signature_holds
        if not holds(bytes.fromhex(key), text, bytes.fromhex(signature)):
            found.append(f"{name}: signature does not hold 签名不成立")
    return found


def p256_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an ECDSA signature on P-256 with SHA-256 holds (FIPS 186-5, 6.4.2)."""
    if len(key) != 2 * LENGTH + 1 or key[0] != UNCOMPRESSED or len(signature) != 2 * LENGTH:
        return False
    r, s = int.from_bytes(signature[:LENGTH], "big"), int.from_bytes(signature[LENGTH:], "big")
    x, y = int.from_bytes(key[1 : LENGTH + 1], "big"), int.from_bytes(key[LENGTH + 1 :], "big")
    on_curve = (y * y - (x * x * x - 3 * x + B256)) % P256 == 0
    if not (0 < r < N256 and 0 < s < N256 and x < P256 and y < P256 and on_curve):
        return False
    digest, inverse = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, N256)
    one = multiplied(digest * inverse % N256, (GX256, GY256))
    total = summed(one, multiplied(r * inverse % N256, (x, y)))
    return total is not None and total[0] % N256 == r


def summed(one: Flat | None, other: Flat | None) -> Flat | None:
    """Add two points of P-256; None is the point at infinity."""
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % P256 == 0:
            return None
        slope = 3 * (one[0] * one[0] - 1) * pow(2 * one[1], -1, P256)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P256)
    x = (slope * slope - one[0] - other[0]) % P256
    return x, (slope * (one[0] - x) - one[1]) % P256


def multiplied(scalar: int, point: Flat) -> Flat | None:
    """Add a point of P-256 to itself so many times."""
    total: Flat | None = None
    doubled: Flat | None = point
    while scalar:
        if scalar & 1:
            total = summed(total, doubled)
        doubled, scalar = summed(doubled, doubled), scalar >> 1
    return total


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature holds (RFC 8032, 5.1.7)."""
    if len(key) != LENGTH or len(signature) != 2 * LENGTH:
        return False
    public, point = decoded(key), decoded(signature[:LENGTH])
    scalar = int.from_bytes(signature[LENGTH:], "little")
    if public is None or point is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:LENGTH] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    base = decoded(BASE_Y.to_bytes(LENGTH, "little"))
    assert base is not None
    return same(times(scalar, base), added(point, times(challenge, public)))


def decoded(content: bytes) -> Point | None:
    """Return the point of a 32-byte encoding, None where there is none (RFC 8032, 5.1.3)."""
    number = int.from_bytes(content, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def added(one: Point, other: Point) -> Point:
    """Add two points (RFC 8032, 5.1.4)."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar: int, point: Point) -> Point:
    """Add a point to itself so many times."""
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = added(total, point)
        point, scalar = added(point, point), scalar >> 1
    return total


def same(one: Point, other: Point) -> bool:
    """Tell whether two points are one."""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % P == 0


def faults_of(folder: Path) -> list[str]:
    """Return everything that does not hold in a bundle that was unpacked here."""
    record = read(folder)
    return [
        *file_faults(folder),
        *event_faults(record["events"]),
        *signature_faults(record),
        *statement_faults(record),
        *evidence_faults(record, folder),
        *period_faults(record),
        *kept_faults(record),
        *ticket_faults(record["tickets"]),
    ]


def read(folder: Path) -> dict[str, Any]:
    """Return the record of a bundle."""
    return dict(json.loads((folder / "record.json").read_text(encoding="utf-8")))


def main() -> int:
    """Check the bundle in this file's folder, or in the folder that is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    found = faults_of(folder)
    for one in found:
        sys.stdout.write(f"BROKEN 不成立  {one}\n")
    if unsigned(read(folder)):
        sys.stdout.write("NOTE 注意  document: not all of it is signed yet 联单现有内容尚未全部签名\n")
    if unstated(read(folder)):
        sys.stdout.write(
            "NOTE 注意  statement: no signature covers what is stated 联单所载未被任何签名涵盖\n"
        )
    for name in waiting_photos(read(folder)["tickets"]):
        sys.stdout.write(f"NOTE 注意  {name}: photo not arrived yet 照片尚未到达\n")
    if not found:
        sys.stdout.write(
            "HOLDS 核验通过  files, events, signatures and weigh tickets 文件、事件链、签名、磅单\n"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
