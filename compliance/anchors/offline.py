"""Does an exported year still hold? A program of the standard library alone, laid into every export.

    python verify.py [FOLDER]

It reads nothing but the files of the export: no database, no network, no package. What it checks:

1. every file is the one that index.json names (SHA-256);
2. every event is what its hash says, and follows the one before it;
3. every anchor is what its digest says and follows the one before it, and the Merkle root (RFC 6962) over the
   hashes of its events is the one it states;
4. every signature on a manifest stands on the chain, and the newest, or a correction after it, covers the
   manifest as it was exported, with what it states;
5. the document of a pipeline's period is what was signed last, its signatures stand on the chain (the mover's
   over it without the receiver's part), and its days are those of the meters;
6. what a terminal signed without signal is what its key signed, stands on the chain, and follows what the key
   said before (`signatures.py` beside this file);
7. every photo and scan that the year's manifests name is here, and is the file of its SHA-256.

The time stamps (RFC 3161) are in stamps/; any program for them checks those, for instance
`openssl ts -verify -data anchors/DAY.json -in stamps/DAY.tsr -CAfile stamps/authority.pem`.
"""

from __future__ import annotations

import hashlib
import json
import runpy
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SIGNATURES = "signatures.py"
SIDES, REOPENED = ("mover", "receiver"), "to_be_corrected"
NONE: Row = {"days": []}
GENESIS = "0" * 64
EVENT = ("seq", "id", "at", "kind", "subject", "person_id", "organisation_id", "data", "previous_hash")
STATEMENT = ("day", "first_seq", "last_seq", "head", "root", "previous", "at")


def canonical(value: object) -> str:
    """Return JSON as RFC 8785 writes it, for values of texts, whole numbers, true, false and null."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def event_hash(row: Row) -> str:
    """Return the hash that an event must have."""
    return digest({name: row[name] for name in EVENT})


def statement(anchor: Row) -> str:
    """Return the text of an anchor, whose SHA-256 is its digest and which is stamped with a time."""
    return canonical({name: anchor[name] for name in STATEMENT})


def root_of(hashes: Sequence[str]) -> str:
    """Return the Merkle tree hash of RFC 6962, 2.1 over event hashes, in hexadecimal."""
    level = [hashlib.sha256(b"\0" + bytes.fromhex(one)).digest() for one in hashes]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        level = [_node(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)] + odd
    return level[0].hex()


def path_of(hashes: Sequence[str], index: int) -> list[tuple[str, str]]:
    """Return the way from one event hash to the root: at each step on which side which hash is added."""
    level = [hashlib.sha256(b"\0" + bytes.fromhex(one)).digest() for one in hashes]
    found = []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(("left" if beside < index else "right", level[beside].hex()))
        odd = [level[-1]] if len(level) % 2 else []
        level = [_node(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)] + odd
        index //= 2
    return found


def root_by_path(one: str, path: Sequence[Sequence[str]]) -> str:
    """Return the root that an event hash leads to along a way."""
    here = hashlib.sha256(b"\0" + bytes.fromhex(one)).digest()
    for side, other in path:
        beside = bytes.fromhex(other)
        here = _node(beside, here) if side == "left" else _node(here, beside)
    return here.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def faults_of_proof(proof: Row) -> list[str]:
    """Say what does not hold of a single event's proof, as the API gives it; nothing where it holds."""
    event, anchor = proof["event"], proof["anchor"]
    found = []
    if event_hash(event) != event["hash"]:
        found.append("the event is not what its hash says")
    if root_by_path(event["hash"], proof["path"]) != anchor["root"]:
        found.append("the event does not lead to the anchor's root")
    if not anchor["first_seq"] <= event["seq"] <= anchor["last_seq"]:
        found.append("the anchor does not cover the event")
    if hashlib.sha256(statement(anchor).encode()).hexdigest() != anchor["digest"]:
        found.append("the anchor is not what its digest says")
    return found


def verify(folder: Path) -> tuple[Row, list[str]]:
    """Check a whole export; return what was counted, and what does not hold."""
    faults: list[str] = []
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    faults += _files(folder, index)
    seen = _events(folder, index, faults)
    anchored = _anchors(folder, index, seen, faults)
    manifests = _manifests(folder, faults)
    periods = _periods(folder, faults)
    kept, files = _kept_acts(folder, faults), _evidence(folder, faults)
    last = index["last_seq"]
    counts = {
        "year": index["year"],
        "events": len(seen),
        "anchored_events": sum(seq <= anchored for seq in seen),
        "manifests": manifests,
        "periods": periods,
        "kept_acts": kept,
        "files": files,
        "complete": anchored >= last,
    }
    return counts, faults


def _files(folder: Path, index: Row) -> list[str]:
    found = []
    for name, wanted in index["files"].items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
            continue
        checksum = hashlib.sha256()
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                checksum.update(part)
        if checksum.hexdigest() != wanted:
            found.append(f"{name} is not the file that was exported")
    return found


def _lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _events(folder: Path, index: Row, faults: list[str]) -> dict[int, str]:
    seen: dict[int, str] = {}
    seq, previous = index["first_seq"] - 1, index["previous_hash"]
    for row in _lines(folder / "events.jsonl"):
        if row["seq"] != seq + 1:
            faults.append(f"event {seq + 1} is missing")
        if row["previous_hash"] != previous:
            faults.append(f"event {row['seq']} does not follow the one before it")
        if event_hash(row) != row["hash"]:
            faults.append(f"event {row['seq']} is not what its hash says")
        seq, previous = row["seq"], row["hash"]
        seen[seq] = previous
    if seq != index["last_seq"]:
        faults.append(f"the events end at {seq}, not at {index['last_seq']}")
    return seen


def _anchors(folder: Path, index: Row, seen: dict[int, str], faults: list[str]) -> int:
    """Check the anchors and return up to which event they reach."""
    hashes = {row["seq"]: row["hash"] for row in _lines(folder / "hashes.jsonl")}
    faults += [
        f"hash {seq} is not that of its event" for seq in seen if hashes.get(seq, seen[seq]) != seen[seq]
    ]
    previous, reached = index["previous_anchor"], index["first_seq"] - 1
    for row in _lines(folder / "anchors.jsonl"):
        name = f"anchor {row['day']}"
        if hashlib.sha256(statement(row).encode()).hexdigest() != row["digest"]:
            faults.append(f"{name} is not what its digest says")
        if row["previous"] != previous:
            faults.append(f"{name} does not follow the one before it")
        own = [hashes.get(seq, "") for seq in range(row["first_seq"], row["last_seq"] + 1)]
        if "" in own:
            faults.append(f"{name}: hashes are missing")
        elif root_of(own) != row["root"] or (own and own[-1] != row["head"]):
            faults.append(f"{name} does not cover these events")
        previous, reached = row["digest"], row["last_seq"]
    return int(reached)


def _signed(folder: Path) -> dict[str, set[str]]:
    """Return under which hashes what each event is about was signed, or corrected, by the events."""
    signed: dict[str, set[str]] = {}
    for row in _lines(folder / "events.jsonl"):
        data = json.loads(row["data"])
        for name in ("document_hash", "hash_after"):
            if data.get(name):
                signed.setdefault(row["subject"], set()).add(data[name])
    return signed


def _periods(folder: Path, faults: list[str]) -> int:
    """Check the manifests of pipelines' periods; an export of before they were part of it has none."""
    if not (folder / "periods.jsonl").is_file():
        return 0
    signed, count = _signed(folder), 0
    for row in _lines(folder / "periods.jsonl"):
        count += 1
        name, document = f"period {row['number']}", row["document"]
        given = [one["document_hash"] for one in row["signatures"] if one["in_year"]]
        if not signed.get(row["id"], set()).issuperset(given):
            faults.append(f"{name}: a signature is not on the chain")
        if document is None:
            continue
        movers = digest(document | {"receiver": None})
        known = {one["document_hash"] for one in row["signatures"]}
        if digest(document) != row["document_hash"] or not {movers, row["document_hash"]} <= known:
            faults.append(f"{name} is not what was signed last")
        days = {(side, one["day"], one["kg"]) for side in SIDES for one in (document[side] or NONE)["days"]}
        read = {(one["side"], one["day"], one["kg"]) for one in row["readings"]}
        if row["state"] != REOPENED and not days <= read:
            faults.append(f"{name} is not what the meters said")
    return count


def _manifests(folder: Path, faults: list[str]) -> int:
    signed, count = _signed(folder), 0
    for row in _lines(folder / "manifests.jsonl"):
        count += 1
        name = f"manifest {row['number'] or row['id']}"
        given = [one["document_hash"] for one in row["signatures"] if one["in_year"]]
        faults += [
            f"{name}: a signature is not on the chain"
            for one in given
            if one not in signed.get(row["id"], set())
        ]
        if row["signatures"] and _states_otherwise(row):
            faults.append(f"{name} does not state what its document says")
        covering = row["covered_hash"]
        if covering is not None and digest(row["document"]) != covering:
            faults.append(f"{name} is not what was signed last")
        known = {one["document_hash"] for one in row["signatures"]}
        known |= {one["hash_after"] for one in row["revisions"]}
        if covering is not None and covering not in known:
            faults.append(f"{name} stands under a hash that nobody gave")
    return count


def _kept_acts(folder: Path, faults: list[str]) -> int:
    said = {
        json.loads(row["data"]).get("hash")
        for row in _lines(folder / "events.jsonl")
        if row["kind"] == "ActKept"
    }
    rows = list(_lines(folder / "kept_acts.jsonl"))
    holds = _signature_check() if rows else None
    before: dict[str, Row] = {}
    for row in rows:
        name = f"kept act {row['seq']} of key {row['key_id']}"
        text, signature = row["statement"].encode(), bytes.fromhex(row["signature"])
        if hashlib.sha256(text).hexdigest() != row["hash"] or row["hash"] not in said:
            faults.append(f"{name} is not on the chain")
        if holds is None or not holds[row["algorithm"]](bytes.fromhex(row["public_key"]), text, signature):
            faults.append(f"{name} is not what the key signed")
        last = before.get(row["key_id"])
        if last is not None and json.loads(row["statement"])["previous"] != last["hash"]:
            faults.append(f"{name} does not follow what the key said before")
        before[row["key_id"]] = row
    return len(rows)


def _signature_check() -> dict[str, Any]:
    """Return by algorithm what tells whether a signature holds: from the file beside, or of the product."""
    own = Path(__file__).resolve().parent
    places = (own / SIGNATURES, own.parent / "papers" / "verify_bundle.py")
    place = next(one for one in places if one.is_file())
    module = runpy.run_path(str(place), run_name="signatures")
    return {"ed25519": module["signature_holds"], "p256": module["p256_holds"]}


def _evidence(folder: Path, faults: list[str]) -> int:
    """Check the photos and scans: each is the file of its hash, and none that a manifest names is missing."""
    listed = {row["sha256"]: row["path"] for row in _lines(folder / "files.jsonl")}
    for sha256, path in listed.items():
        file = folder / path if path else None
        if file is None or not file.is_file():
            faults.append(f"file {sha256} is not here")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            faults.append(f"file {sha256} is not the one that was kept")
    for row in _lines(folder / "manifests.jsonl"):
        name = f"manifest {row['number'] or row['id']}"
        faults += [f"{name}: file {one} is not listed" for one in row["files"] if one not in listed]
    return len(listed)


def _states_otherwise(row: Row) -> bool:
    """Tell whether a statement is not what the document has of it; the first form has nothing of it."""
    statement, document = row.get("statement"), row["document"]
    if statement is None or document.get("form") is None:
        return False
    return canonical(statement["stated"]) != canonical(document["stated"])


def main(arguments: list[str]) -> int:
    """Check the export in a folder and say so; 1 where anything does not hold."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    counts, faults = verify(folder)
    sys.stdout.write(json.dumps(counts, ensure_ascii=False) + "\n")
    for fault in faults[:100]:
        sys.stdout.write(f"NOT HOLDING: {fault}\n")
    sys.stdout.write("DOES NOT HOLD\n" if faults else "HOLDS\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
