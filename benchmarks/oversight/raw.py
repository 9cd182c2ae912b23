"""What would a programmer type who knows the tables, for the same facts? One prepared statement per table."""

from __future__ import annotations

from uuid import UUID

import psycopg

LOAD = (
    "SELECT id, mover_id, carrier_id, receiver_id, origin_site_id, destination_site_id, driver_id, code,"
    " deal_id, escort_id, m.* FROM manifest m"
)
LIST = """
SELECT m.*, a.name, b.name, c.name,
       (SELECT count(*) FROM alert l WHERE l.manifest_id = m.id AND l.state IN ('open', 'assigned'))
FROM manifest m JOIN organisation a ON a.id = m.mover_id JOIN organisation b ON b.id = m.carrier_id
     JOIN organisation c ON c.id = m.receiver_id
WHERE m.state = ANY(%s) AND m.code LIKE %s
      AND (m.origin_site_id IN (SELECT id FROM site WHERE division_code LIKE %s)
           OR m.destination_site_id IN (SELECT id FROM site WHERE division_code LIKE %s))
ORDER BY m.changed_at DESC, m.id DESC LIMIT %s
"""
LICENCES = (
    "SELECT * FROM licence l LEFT JOIN licence_line n ON n.licence_id = l.id WHERE organisation_id = ANY(%s)"
)
CLAIMS = "SELECT * FROM exemption_claim WHERE organisation_id = ANY(%s) AND code = %s"
SUSPENSIONS = "SELECT * FROM suspension WHERE organisation_id = ANY(%s) ORDER BY at DESC"
SIGNATURES = "SELECT * FROM manifest_signature WHERE manifest_id = %s ORDER BY ordinal"


class Raw:
    """A connection of psycopg alone, which prepares its statements."""

    def __init__(self, place: str) -> None:
        self.connection = psycopg.connect(place, autocommit=True, prepare_threshold=0)

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run one statement and fetch it whole."""
        return self.connection.execute(statement.encode(), values).fetchall()

    def custody(self, key: UUID) -> int:
        """Fetch a manifest's chain of custody; return how many rows it has."""
        (m,) = self.rows(f"{LOAD} WHERE id = %s", key)
        found = self.rows("SELECT * FROM organisation WHERE id = ANY(%s)", list(m[1:4]))
        found += self.rows(
            "SELECT id, name, address, division_code, ST_AsBinary(location), ST_AsBinary(boundary) FROM site"
            " WHERE id = ANY(%s)",
            list(m[4:6]),
        )
        found += self.rows("SELECT * FROM person WHERE id = ANY(%s)", [m[6], m[9]])
        (trip,) = self.rows("SELECT * FROM trip WHERE manifest_id = %s", key)
        (receipt,) = self.rows("SELECT * FROM receipt WHERE manifest_id = %s", key)
        found += self.rows(SIGNATURES, key)
        found += self.rows("SELECT * FROM manifest_leg WHERE manifest_id = %s", key)
        tickets = self.rows("SELECT * FROM weighing WHERE trip_id = %s ORDER BY at, ticket_number", trip[0])
        found += tickets + self.rows(
            "SELECT * FROM device WHERE id = ANY(%s)", [str(row[1]) for row in tickets]
        )
        events = self.rows(
            "SELECT * FROM ledger WHERE subject = ANY(%s) ORDER BY seq", [key, m[8], trip[0], receipt[0]]
        )
        before = [int(str(row[0])) - 1 for row in events]
        found += self.rows("SELECT seq, hash FROM ledger WHERE seq = ANY(%s)", before)
        return len(found) + len(events)

    def listed(self, prefix: str, code: str, states: list[str], limit: int) -> int:
        """Fetch one part of a filtered list with the names and alerts beside it."""
        return len(self.rows(LIST, states, code, prefix, prefix, limit))

    def checked(self, plate: str, states: list[str]) -> int:
        """Fetch what a road check by plate rests on: what the loading gate asks, and who signed."""
        (vehicle,) = self.rows("SELECT * FROM vehicle WHERE plate_key = %s", plate)
        own = f"{LOAD} WHERE vehicle_id = %s AND"
        newest = "ORDER BY changed_at DESC LIMIT"
        loads = self.rows(f"{own} state = ANY(%s) {newest} 5", vehicle[0], states)
        loads = loads or self.rows(f"{own} state <> 'draft' {newest} 1", vehicle[0])
        found: list[tuple[object, ...]] = []
        for m in loads:
            found += self.rows("SELECT * FROM organisation WHERE id = ANY(%s)", list(m[1:4]))
            found += self.rows("SELECT id, name, address FROM site WHERE id = ANY(%s)", list(m[4:6]))
            found += self.rows("SELECT * FROM person WHERE id = %s", m[6])
            found += self.rows(LICENCES, list(m[1:4]))
            found += self.rows(CLAIMS, list(m[1:4]), m[7])
            found += self.rows(SUSPENSIONS, list(m[1:4]))
            found += self.rows(SIGNATURES, m[0])
            found += self.rows("SELECT * FROM manifest_statement WHERE manifest_id = %s", m[0])
            found += self.rows("SELECT * FROM manifest_exception WHERE manifest_id = %s", m[0])
            found += self.rows("SELECT * FROM catalogue_entry WHERE code = %s", m[7])
        found += self.rows("SELECT * FROM last_position WHERE vehicle_id = %s", vehicle[0])
        return len(found)
