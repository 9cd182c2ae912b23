"""Do parties come onto the register whole, and can a licence's last tonne be sold twice?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from shapely import Point
from sqlalchemy import Engine, func, select

from compliance.catalogue import queries as catalogue
from compliance.catalogue.rules import WasteType
from compliance.qualification import quotas
from compliance.record.clock import local_date
from compliance.record.database import open_database, reading, transaction
from compliance.record.errors import Conflict, DomainError, Invalid, NotFound, RuleBroken
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import bookings, gates, queries, service, standing
from compliance.registry.rules import LicenceKind, Mode, OrganisationKind, QuotaPolicy, Refusal
from compliance.registry.service import NewLicence, NewOrganisation
from compliance.registry.tables import LicenceDraw, Organisation
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import MORNING, OIL, SCRAP, committed, company_code, work_in

DAY = local_date(MORNING)


@pytest.fixture
def oil(engine: Engine) -> WasteType:
    """Waste oil, with the catalogue filled."""
    committed(engine, lambda work: parties.waste(work, OIL, SCRAP))
    with reading(engine) as session:
        found = catalogue.find(session, OIL, DAY)
    assert found is not None
    return found


def processor(engine: Engine, *lines: tuple[str, int]) -> UUID:
    """Register a licensed processor."""

    def make(work: Work) -> UUID:
        owner = parties.organisation(work, OrganisationKind.PROCESSOR).id
        parties.hazardous_licence(work, owner, *lines)
        return owner

    return committed(engine, make)


def book(engine: Engine, owner: UUID, waste: WasteType, kg: int, deal_id: UUID | None = None) -> bool:
    """Book a deal's mass in a transaction of its own."""
    return committed(engine, lambda work: bookings.book(work, owner, deal_id or uuid4(), waste, Mode.USE, kg))


def drawn(engine: Engine) -> int:
    """Return the mass that all bookings together hold."""
    with reading(engine) as session:
        return int(session.scalar(select(func.coalesce(func.sum(LicenceDraw.kg), 0))) or 0)


def test_an_organisation_enters_once_in_one_spelling(engine: Engine) -> None:
    """One company would have two accounts, or a mistyped code stand on manifests for ten years."""
    code = company_code(42)
    new = NewOrganisation(f" {code.lower()[:9]} {code[9:]}", "江城", "420102", (OrganisationKind.PRODUCER,))
    row = committed(engine, lambda work: service.register_organisation(work, new))
    assert row.uscc == code
    with pytest.raises(Conflict) as known:
        committed(engine, lambda work: service.register_organisation(work, replace(new, uscc=code)))
    assert (known.value.code, known.value.field) == ("organisation_known", "uscc")
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    with pytest.raises(Invalid) as invalid:
        committed(engine, lambda work: service.register_organisation(work, replace(new, uscc=wrong)))
    assert invalid.value.field == "uscc"
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_a_site_has_a_round_fence_and_lies_in_china(engine: Engine) -> None:
    """A geofence drawn in degrees would be an ellipse, and trucks arrive too early in the north."""
    with transaction(engine) as session:
        work = work_in(session)
        owner = parties.organisation(work, OrganisationKind.PRODUCER).id
        row = parties.site(work, owner, (30.6, 114.3))
        session.expire_all()
        assert row.location == Point(114.3, 30.6)
        west, south, east, north = row.boundary.bounds
        assert (north - south) * 110_900 == pytest.approx(600, rel=0.01)
        assert (east - west) * 95_900 == pytest.approx(600, rel=0.01)
        with pytest.raises(RuleBroken) as swapped:
            parties.site(work, owner, (114.3, 30.6))
        with pytest.raises(RuleBroken) as outside:
            parties.site(work, owner, (51.5, -0.1))
    assert (swapped.value.rule, swapped.value.field) == ("GEO.swapped", "location")
    assert outside.value.rule == "GEO.outside_china"


def test_everybody_sees_the_own_sites_and_inspectors_all(engine: Engine) -> None:
    """A competitor would learn where a producer loads."""

    def check(work: Work) -> None:
        one = parties.organisation(work, OrganisationKind.PRODUCER).id
        other = parties.organisation(work, OrganisationKind.PRODUCER).id
        mine, yours = parties.site(work, one), parties.site(work, other)
        producer = parties.as_who(parties.person(work, one, Role.PRODUCER))
        inspector = parties.as_who(parties.person(work, other, Role.INSPECTOR))
        nobody = replace(producer, organisation_id=None)
        session = work.session
        assert {row.id for row in queries.sites_visible_to(session, producer)} == {mine.id}
        assert {row.id for row in queries.sites_visible_to(session, inspector)} == {mine.id, yours.id}
        assert list(queries.sites_visible_to(session, nobody)) == []

    committed(engine, check)


def test_what_is_not_on_file_is_not_found(engine: Engine) -> None:
    """A stale link would end in a server error."""
    with reading(engine) as session:
        with pytest.raises(NotFound):
            queries.organisation(session, uuid4())
        with pytest.raises(NotFound):
            queries.site(session, uuid4())
        assert queries.licences(session, [uuid4()], 2026) == {}
        assert queries.drivers_of(session, uuid4()) == []


def test_a_booking_draws_warns_and_refuses(engine: Engine, oil: WasteType) -> None:
    """A processor would take more than its licence allows in a year (L4)."""
    owner = processor(engine, (OIL, 1000))
    assert book(engine, owner, oil, 799) is False
    assert [row.event.kind for row in recorded(engine)] == []
    assert book(engine, owner, oil, 1) is True
    told = recorded(engine)[0].event
    assert (told.kind, told.data["rule"], told.data["code"]) == ("QuotaNear", "L4.quota_near", OIL)
    with pytest.raises(RuleBroken) as over:
        book(engine, owner, oil, 201)
    assert over.value.rule == Refusal.QUOTA.value
    assert (over.value.values["left_kg"], over.value.field) == (200, "receiver")
    assert "生态环境法典" in over.value.article
    assert book(engine, owner, oil, 200) is True
    assert drawn(engine) == 1000


def test_each_year_has_its_own_quantity(engine: Engine, oil: WasteType) -> None:
    """A full year would block the next one."""
    owner = processor(engine, (OIL, 1000))
    book(engine, owner, oil, 1000)
    later = MORNING + timedelta(days=60)
    committed(engine, lambda work: bookings.book(work, owner, uuid4(), oil, Mode.USE, 1000), now=later)
    assert drawn(engine) == 2000
    with pytest.raises(RuleBroken):
        book(engine, owner, oil, 1)


FIFTY = 50


def test_fifty_bookings_at_once_never_oversell(engine: Engine, database_url: str, oil: WasteType) -> None:
    """Two producers would both hold the last tonne, and one load stand at a closed gate.

    Fifty threads with a connection each begin at one moment; on SQLite they wait for the one writer, on
    PostgreSQL for the rows.
    """
    owner = processor(engine, (OIL, 7_000), ("HW08", 50_000))
    committed(engine, lambda work: parties.hazardous_licence(work, owner, ("HW08", 5_000), number="HW-2"))
    committed(engine, lambda work: totalled(work, owner))

    wide, ready = open_database(database_url, threads=FIFTY), Barrier(FIFTY)

    def one(_: int) -> str:
        with wide.connect():
            ready.wait()
        try:
            book(wide, owner, oil, 1000)
        except RuleBroken as refusal:
            return refusal.rule
        return "booked"

    with ThreadPoolExecutor(FIFTY) as pool:
        outcomes = list(pool.map(one, range(FIFTY)))
    wide.dispose()
    assert sorted(outcomes) == ["L4.quota_exceeded"] * 35 + ["booked"] * 15
    assert drawn(engine) == 15_000
    with reading(engine) as session:
        lines = [line for held in queries.licences(session, [owner], 2026)[owner] for line in held.lines]
    assert sorted((line.drawn_kg, line.yearly_kg) for line in lines) == [
        (0, 50_000),
        (3_000, 90_000),
        (5_000, 5_000),
        (7_000, 7_000),
    ]


def totalled(work: Work, owner: UUID) -> None:
    """File a licence whose lines would take more than it allows in all: 3 t."""
    lines = ((OIL, 90_000),)
    new = NewLicence("HW-3", LicenceKind.COMPREHENSIVE, *parties.YEARS, modes=(Mode.USE,), lines=lines)
    service.add_licence(work, owner, replace(new, total_kg=3_000))


def test_the_total_of_a_licence_holds_over_all_its_lines(engine: Engine, oil: WasteType) -> None:
    """A works would take each of its wastes in full and twice its whole scale (L3, L4)."""

    def make(work: Work) -> UUID:
        owner = parties.organisation(work, OrganisationKind.PROCESSOR).id
        totalled(work, owner)
        return owner

    owner = committed(engine, make)
    assert book(engine, owner, oil, 2_399) is False
    assert book(engine, owner, oil, 1) is True
    with pytest.raises(RuleBroken) as over:
        book(engine, owner, oil, 601)
    assert (over.value.rule, over.value.values["left_kg"]) == (Refusal.QUOTA.value, 600)


def test_the_limits_are_set_within_the_law(engine: Engine, oil: WasteType) -> None:
    """An operator would let bookings pass that need a new licence (L4: 120 per cent)."""
    owner = processor(engine, (OIL, 1000))
    for wrong in (QuotaPolicy(80, 121, 121), QuotaPolicy(90, 80, 120), QuotaPolicy(0, 100, 120)):
        with pytest.raises(Invalid):
            committed(engine, lambda work, wrong=wrong: standing.set_quota_policy(work, wrong))
    committed(engine, lambda work: standing.set_quota_policy(work, QuotaPolicy(50, 110, 120)))
    assert book(engine, owner, oil, 499) is False
    assert book(engine, owner, oil, 601) is True
    with pytest.raises(RuleBroken):
        book(engine, owner, oil, 1)


def test_what_has_arrived_is_counted_and_beyond_120_per_cent_alarmed(engine: Engine, oil: WasteType) -> None:
    """Overweight loads would take a works far beyond its licence, and nobody hear of it (L4)."""
    owner, first, second = processor(engine, (OIL, 1000)), uuid4(), uuid4()
    book(engine, owner, oil, 500, first)
    book(engine, owner, oil, 500, second)
    committed(engine, lambda work: bookings.confirm_draw(work, first, 700))
    assert "QuotaExceeded" not in {row.event.kind for row in recorded(engine)}
    committed(engine, lambda work: bookings.confirm_draw(work, second, 501))
    told = recorded(engine)[-1].event
    assert (told.kind, told.data["percent"], told.data["rule"]) == ("QuotaExceeded", 120, "L4.scale_exceeded")
    with reading(engine) as session:
        (quota,) = quotas.quotas(session, [owner], 2026)
        assert (quota.taken.confirmed_kg, quota.level, quota.left_kg) == (1201, quotas.Level.BROKEN, 0)
        assert [one.number for one in quotas.pressing(session, 2026)] == ["HW-1"]
        assert quotas.pressing(session, 2025) == []


def test_a_refused_booking_takes_nothing(engine: Engine, oil: WasteType) -> None:
    """A deal that fell through would eat up the processor's year."""
    owner = processor(engine, (OIL, 1000))

    def falls_through(work: Work) -> None:
        bookings.book(work, owner, uuid4(), oil, Mode.USE, 900)
        raise Conflict("the vehicle is gone")

    with pytest.raises(DomainError):
        committed(engine, falls_through)
    assert drawn(engine) == 0
    assert recorded(engine) == []


def test_the_confirmed_mass_takes_the_bookings_place(engine: Engine, oil: WasteType) -> None:
    """A refused load would stay on the licence, or a lighter one cost what it never weighed."""
    owner, kept, refused = processor(engine, (OIL, 1000)), uuid4(), uuid4()
    book(engine, owner, oil, 500, kept)
    book(engine, owner, oil, 500, refused)
    committed(engine, lambda work: bookings.confirm_draw(work, kept, 480))
    committed(engine, lambda work: bookings.confirm_draw(work, refused, 0))
    committed(engine, lambda work: bookings.confirm_draw(work, uuid4(), 77))
    assert drawn(engine) == 480
    with reading(engine) as session:
        assert all(row.confirmed for row in session.scalars(select(LicenceDraw)))
    assert book(engine, owner, oil, 520) is True


def test_gates_name_rule_article_and_licence(engine: Engine, oil: WasteType) -> None:
    """A person refused at the gate would not know which paper to mend, nor by which law."""

    def check(work: Work) -> None:
        session = work.session
        scrap = catalogue.find(session, SCRAP, DAY)
        assert scrap is not None
        owner = parties.organisation(work, OrganisationKind.PROCESSOR).id
        parties.hazardous_licence(
            work, owner, (OIL, 9), days=(DAY - timedelta(days=9), DAY - timedelta(days=1)), number="HW-77"
        )
        (fault,) = gates.receiver_faults(session, owner, oil, Mode.USE, 1, DAY)
        assert (fault.rule, fault.values["licence"]) == ("L3.expired", "HW-77")
        assert fault.values["valid_to"] == (DAY - timedelta(days=1)).isoformat()
        (other,) = gates.receiver_faults(session, owner, scrap, Mode.USE, 1, DAY)
        assert (other.rule, other.article) == ("L13.contractor_unverified", "生态环境法典 第490条")
        (carrier,) = gates.carrier_faults(session, owner, scrap, DAY)
        assert (carrier.rule, carrier.field) == ("L9.carrier_not_permitted", "carrier")
        parties.contractor(work, owner, (SCRAP, 10))
        assert gates.receiver_faults(session, owner, scrap, Mode.USE, 10, DAY) == []
        parties.carrier_permit(work, owner)
        assert gates.carrier_faults(session, owner, scrap, DAY) == []
        assert len(gates.carrier_faults(session, owner, oil, DAY)) == 1

    committed(engine, check)


def test_hazardous_waste_wants_a_driver_with_a_live_certificate(engine: Engine, oil: WasteType) -> None:
    """Oil would be driven by somebody who never learned what to do when it burns (L9)."""

    def check(work: Work) -> None:
        scrap = catalogue.find(work.session, SCRAP, DAY)
        assert scrap is not None
        owner = parties.organisation(work, OrganisationKind.CARRIER).id
        last = parties.person(work, owner, Role.DRIVER, permit_to=DAY)
        over = parties.person(work, owner, Role.DRIVER, permit_to=DAY - timedelta(days=1))
        none = parties.person(work, owner, Role.DRIVER)
        assert gates.driver_faults(last, oil, DAY) == []
        assert [gates.driver_faults(one, oil, DAY)[0].rule for one in (over, none, None)] == [
            "L9.driver_not_permitted"
        ] * 3
        assert gates.driver_faults(none, scrap, DAY) == []

    committed(engine, check)


def test_the_first_hazard_suggests_the_class(oil: WasteType) -> None:
    """A permit for the wrong class would pass."""
    letters = ("T,I", "I", "C,T", "In", "R", "")
    told = [gates.dangerous_class(replace(oil, hazards=each)) for each in letters]
    assert told == ["6", "3", "8", "6", "9", "9"]
