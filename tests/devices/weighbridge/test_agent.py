"""Does the scale agent turn a raw line into one ticket for each stay, whatever happens to the line?"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest

from devices.codecs.config_json import ScaleSettings
from devices.codecs.scales import PROTOCOLS, Check, Settings, protocol, yaohua
from devices.codecs.weighing_json import public_key_of, verify_weighing
from devices.outbox import Outbox
from devices.readings import ScaleReading, Stability, WeighingReading
from devices.simulator.scale import IndicatorRule, SimulatedScale
from devices.transports.memory import MemoryPublisher
from devices.weighbridge.agent import ScaleAgent, ScaleLine
from devices.weighbridge.curve import MOST_POINTS, WeightCurve
from devices.weighbridge.deck import DeckRule
from devices.weighbridge.tickets import TicketBook
from tests.devices.weighbridge.test_tickets import fill_the_disk, stored

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEY = "22" * 32
YAOHUA = protocol("yaohua_xk3190_continuous")
KG = Settings(unit="kg")
RULE = DeckRule(frames=5, seconds=0.3)


class Camera:
    """A plate reader that is told what to see."""

    def __init__(self) -> None:
        self.sees: str | None = "鄂A12345"

    def plate(self) -> str | None:
        """Tell the plate."""
        return self.sees


class Bench:
    """An agent without a thread: frames are fed by hand."""

    def __init__(
        self,
        folder: Path,
        *,
        capacity: int = 100,
        url: str = "socket://127.0.0.1:9",
        protocol_name: str = YAOHUA.name,
        settings: Settings = KG,
        ask: str | None = None,
    ) -> None:
        self.outbox = Outbox(folder / "o.db", capacity=capacity)
        self.outbox.enrol("scale-1", "t1", 3)
        self.publisher = MemoryPublisher(self.outbox, "scale-1")
        self.camera = Camera()
        self.agent = ScaleAgent(
            ScaleLine(url, protocol=protocol_name, settings=settings, rule=RULE, ask=ask, reopen_min_s=0.05),
            TicketBook(self.outbox, "scale-1", 3, KEY),
            self.camera,
            self.publisher,
            lambda: NOW,
        )
        self._at = 0.0

    def show(self, *weights: int) -> None:
        """Show weights, five a second."""
        for weight in weights:
            self.take(YAOHUA.decode(yaohua.encode_continuous(weight), KG))

    def take(self, reading: ScaleReading) -> None:
        """Give the agent one reading, a fifth of a second after the last."""
        self._at += 0.2
        self.agent.feed(reading, self._at)

    @property
    def tickets(self) -> list[WeighingReading]:
        """What was published."""
        return [reading for _, _, reading in self.publisher.weighings]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Set an agent up."""
    made = Bench(tmp_path)
    yield made
    made.outbox.close()


def test_one_stay_gives_one_signed_ticket(bench: Bench) -> None:
    """Two tickets for one stay would be paid twice."""
    bench.show(0, 0, 12_000, *[45_020] * 12, 20_000, 0)
    (ticket,) = bench.tickets
    assert (ticket.weight_kg, ticket.plate, ticket.shadow) == (45_020, "鄂A12345", False)
    assert ticket.stability is Stability.DERIVED
    assert [YAOHUA.decode(bytes.fromhex(f)).displayed for f in ticket.frames_hex] == [45_020] * 5
    assert verify_weighing("scale-1", 3, ticket, public_key_of(KEY))


def test_a_stay_without_a_plate_is_recorded_as_a_shadow(bench: Bench) -> None:
    """A weighing that leaves no trace is how loads disappear."""
    bench.camera.sees = None
    bench.show(0, *[45_020] * 8, 0)
    bench.show(0, *[9_000, 12_000] * 4, 0)
    assert [(t.weight_kg, t.shadow, t.stability) for t in bench.tickets] == [
        (45_020, True, Stability.DERIVED),
        (12_000, True, Stability.UNSTABLE),
    ]


def test_a_plate_that_is_read_late_still_counts(bench: Bench) -> None:
    """A camera needs a second look at a dirty plate; the driver must not drive round again."""
    bench.camera.sees = None
    bench.show(0, *[45_020] * 8)
    bench.camera.sees = "鄂A12345"
    bench.show(*[45_020] * 3, 0)
    assert [(t.plate, t.shadow) for t in bench.tickets] == [("鄂A12345", False)]


def test_a_full_disk_is_tried_again_and_counted(tmp_path: Path) -> None:
    """A ticket that could not be stored must not be forgotten, even when the truck has left."""
    bench = Bench(tmp_path)
    bench.publisher._acknowledges = False
    fill_the_disk(bench.outbox)
    bench.show(*[0, *[45_020] * 8] * 30, 0)
    written = len(stored(bench.outbox))
    assert bench.agent.counters["refused_disk"] > 0
    with bench.outbox.exclusive() as db:
        db.execute("PRAGMA max_page_count=1000000")
    bench.show(0)
    tickets = stored(bench.outbox)
    assert written < 30
    assert [t.ticket_number for t in tickets] == list(range(1, 31))
    assert [t.shadow for t in tickets] == [False] * written + [True] * (30 - written)
    bench.outbox.close()


def test_a_ticket_tells_how_the_weight_came_on(bench: Bench) -> None:
    """Without the curve a box in the load cells' line looks like a lorry."""
    bench.show(0, 9_000, 9_000, 9_000, 31_000, *[45_020] * 8, 0)
    (ticket,) = bench.tickets
    curve = ticket.extra["curve"]
    assert isinstance(curve, list)
    assert [kg for _, kg in curve][:5] == [9_000, 9_000, 31_000, 45_020, 45_020]
    assert curve[0][0] == 0
    assert all(later[0] > earlier[0] for earlier, later in pairwise(curve))
    assert verify_weighing("scale-1", 3, ticket, public_key_of(KEY))


def test_a_long_stay_keeps_its_shape_in_few_points() -> None:
    """A lorry left on the deck over night would make a ticket that no message can carry."""
    curve = WeightCurve(20)
    for second in range(36_000):
        curve.add(10_000 + 40 * (second // 100), float(second))
    points = curve.points()
    assert len(points) <= MOST_POINTS
    assert points[-1] == (35_999_000, 24_360)
    assert all(b[0] > a[0] and b[1] >= a[1] for a, b in pairwise(points))


def test_the_server_sets_when_the_deck_is_occupied(bench: Bench) -> None:
    """An inspector could not have smaller vehicles recorded without travelling to the site."""
    bench.show(0, *[300] * 8, 0)
    bench.agent.apply(ScaleSettings(threshold_kg=200))
    bench.show(0, *[300] * 8, 0)
    with pytest.raises(ValueError, match="zero band"):
        bench.agent.apply(ScaleSettings(threshold_kg=5))
    bench.agent.apply(ScaleSettings())
    bench.show(0, *[300] * 8, 0)
    assert [t.weight_kg for t in bench.tickets] == [300]


def shown_by(name: str, weight: int, **fields: object) -> ScaleReading:
    """Return what a protocol's frame of a weight reads."""
    row = PROTOCOLS[name]
    told: dict[str, object] = {"displayed": weight, **fields}
    if "command" in name:
        told = {"command": "B", "direction": "indicator->host", "gross": weight}
    return row.decode(row.encode(told), KG)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_gives_a_ticket(tmp_path: Path, name: str) -> None:
    """A site whose indicator speaks another protocol would stay without tickets."""
    bench = Bench(tmp_path, protocol_name=name)
    for weight in (0, *[45_020] * 12, 0):
        bench.take(shown_by(name, weight))
    (ticket,) = bench.tickets
    flagged = "stable" in PROTOCOLS[name].states
    assert (ticket.weight_kg, ticket.plate) == (45_020, "鄂A12345")
    assert ticket.stability is (Stability.FLAGGED if flagged else Stability.DERIVED)
    bench.outbox.close()


def test_a_weight_that_the_indicator_calls_moving_is_never_still(tmp_path: Path) -> None:
    """A truck that creeps within one division is moving all the same when the indicator says so."""
    bench = Bench(tmp_path, protocol_name="st_gs_text")
    for weight in (0, *[45_020] * 12, 0):
        bench.take(shown_by("st_gs_text", weight, stable=weight == 0))
    assert [(t.shadow, t.stability) for t in bench.tickets] == [(True, Stability.UNSTABLE)]
    bench.outbox.close()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"net": True}, "not_gross"),
        ({"out_of_range": True}, "out_of_range"),
        ({"expand_x10": True}, "expanded"),
    ],
)
def test_what_is_no_gross_weight_is_never_weighed(
    tmp_path: Path, fields: dict[str, object], reason: str
) -> None:
    """A net display or a number beyond the scale's range would be settled as the truck's gross weight."""
    bench = Bench(tmp_path, protocol_name="toledo_continuous")
    bench.take(shown_by("toledo_continuous", 0))
    for _ in range(12):
        bench.take(shown_by("toledo_continuous", 45_020, **fields))
    bench.take(shown_by("toledo_continuous", 0))
    assert bench.tickets == []
    assert bench.agent.counters[f"not_a_weight_{reason}"] == 12
    bench.outbox.close()


def test_an_overload_between_equal_weights_ends_the_stillness(tmp_path: Path) -> None:
    """Ten equal readings with an overload among them prove nothing about standing still."""
    bench = Bench(tmp_path)
    overload = PROTOCOLS["st_gs_text"].decode(b"OL,GS,\r\n")
    bench.show(0)
    for _ in range(6):
        bench.show(*[45_020] * 3)
        bench.take(overload)
    assert bench.tickets == []
    bench.outbox.close()


def test_a_display_in_tonnes_is_weighed_in_kilograms(tmp_path: Path) -> None:
    """A ticket of 45 kg for a truck would be a thousandth of the load."""
    bench = Bench(tmp_path, settings=Settings(unit="t", decimals=3))
    frame = yaohua.encode_continuous(45_020)
    bench.show(0)
    for _ in range(8):
        bench.take(YAOHUA.decode(frame, Settings(unit="t", decimals=3)))
    assert [t.weight_kg for t in bench.tickets] == [45_020]
    bench.outbox.close()


@pytest.mark.parametrize(
    ("settings", "ask", "url", "told"),
    [
        (Settings(), None, "COM3", "unit"),
        (Settings(unit="lb"), None, "COM3", "unit"),
        (KG, "A", "COM3", "ask"),
        (Settings(unit="kg", check=Check.SUM7), None, "COM3", "check"),
        (KG, None, "", "url"),
    ],
)
def test_a_line_that_cannot_weigh_is_refused_at_the_start(
    tmp_path: Path, settings: Settings, ask: str | None, url: str, told: str
) -> None:
    """A wrong setting must stop the agent before the first truck, not after a day of nothing."""
    outbox = Outbox(tmp_path / "o.db")
    line = ScaleLine(url, settings=settings, ask=ask)
    with pytest.raises(ValueError, match=told):
        ScaleAgent(
            line,
            TicketBook(outbox, "scale-1", 3, KEY),
            Camera(),
            MemoryPublisher(outbox, "scale-1"),
            lambda: NOW,
        )
    outbox.close()


def test_an_indicator_that_is_asked_answers_the_agent(tmp_path: Path) -> None:
    """An indicator set to command mode would never be heard by an agent that only listens."""
    row = PROTOCOLS["yaohua_xk3190_command"]
    answer = {"command": "B", "direction": "indicator->host", "gross": 45_020}
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"socket://127.0.0.1:{server.getsockname()[1]}"
        bench = Bench(tmp_path, url=address, protocol_name=row.name, ask="A")
        bench.agent.start()
        line, _ = server.accept()
        with line:
            line.settimeout(10)
            assert row.decode(line.recv(6)).facts["meaning"] == "read gross"
            line.sendall(row.encode(answer) * 2)
            until(lambda: bench.agent.counters["frames"] == 2)
            bench.agent.stop()
        bench.outbox.close()


class IndicatorThread:
    """A simulated indicator in a thread of its own."""

    def __init__(self, scale: SimulatedScale, port: int = 0) -> None:
        self._scale, self._wanted = scale, port
        self._ready, self._stop = Event(), Event()
        self._thread = Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    async def _main(self) -> None:
        await self._scale.start(port=self._wanted)
        self.port = self._scale.port
        self._ready.set()
        while not self._stop.is_set():
            await asyncio.sleep(0.01)
        await self._scale.stop()

    def stop(self) -> None:
        """Cut the line."""
        self._stop.set()
        self._thread.join(10)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)


def test_the_agent_reads_an_indicator_over_tcp_and_survives_a_cut(tmp_path: Path) -> None:
    """A serial server that restarts must not need somebody to drive out to the scale."""
    scale = SimulatedScale("scale-1", 5, IndicatorRule(hz=100, settle_s=0.1, clear_frames=3))
    indicator = IndicatorThread(scale)
    bench = Bench(tmp_path, url=f"socket://127.0.0.1:{indicator.port}")
    bench.agent.start()
    try:
        for number, (plate, weight) in enumerate((("鄂A12345", 15_233), ("鄂B54321", 44_871)), start=1):
            bench.camera.sees = plate
            until(lambda: scale.ready and bench.agent.counters["frames"] > 20)
            scale.drive_on(plate, weight)
            until(lambda number=number: len(bench.tickets) == number)  # type: ignore[misc]
            scale.drive_off()
            until(lambda: scale.ready)
            indicator.stop()
            bench.agent.counters["frames"] = 0
            indicator = IndicatorThread(scale, indicator.port)
    finally:
        bench.agent.stop()
        indicator.stop()
        bench.outbox.close()
    assert [t.plate for t in bench.tickets] == ["鄂A12345", "鄂B54321"]
    assert all(abs(t.weight_kg - w) <= 20 for t, w in zip(bench.tickets, (15_233, 44_871), strict=True))
    assert bench.agent.counters["line_lost"] >= 1
