"""Does an agent run on the newest configuration that it can use, whatever was sent or killed?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices.codecs.config_json import Configuration, ScaleSettings, encode_config
from devices.outbox import Outbox
from devices.remote import RemoteSettings

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


class Agent:
    """An agent that can use thresholds from 100 kg, and that a threshold of 666 kg kills."""

    def __init__(self, path: Path) -> None:
        self.outbox = Outbox(path)
        self.threshold: int | None = 400
        self.remote = RemoteSettings(self.outbox, ScaleSettings, self.apply)
        self.remote.start()

    def apply(self, wanted: ScaleSettings) -> None:
        """Put settings into force."""
        if wanted.threshold_kg == 666:
            raise SystemExit(9)
        if wanted.threshold_kg is not None and wanted.threshold_kg < 100:
            raise ValueError("threshold_kg: too low")
        self.threshold = wanted.threshold_kg

    def hear(self, version: int, **settings: object) -> bool:
        """Let the broker bring a configuration."""
        return self.remote.hear(encode_config(Configuration(version, NOW, dict(settings))))

    @property
    def state(self) -> tuple[int | None, int, tuple[int, str] | None]:
        """The threshold in force, its version, and what was refused."""
        bad = self.remote.bad
        return self.threshold, self.remote.version, (bad.v, bad.code) if bad else None


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """Start an agent."""
    made = Agent(tmp_path / "o.db")
    yield made
    made.outbox.close()


def test_a_configuration_is_applied_kept_and_superseded(agent: Agent, tmp_path: Path) -> None:
    """An operator's setting would be lost at the next power cut, or an older one come back."""
    assert agent.hear(3, threshold_kg=300)
    assert not agent.hear(3, threshold_kg=500)
    assert not agent.hear(2, threshold_kg=500)
    assert agent.state == (300, 3, None)
    agent.outbox.close()
    again = Agent(tmp_path / "o.db")
    assert again.state == (300, 3, None)
    assert again.hear(4)
    assert again.state == (None, 4, None)
    again.outbox.close()


@pytest.mark.parametrize(
    ("wrong", "code"), [({"threshold_kg": 50}, "bad_setting"), ({"treshold_kg": 300}, "bad_field")]
)
def test_a_configuration_that_cannot_be_used_leaves_the_one_before(
    agent: Agent, tmp_path: Path, wrong: dict[str, object], code: str
) -> None:
    """A slip in the office would stop a scale at the other end of the province."""
    agent.hear(3, threshold_kg=300)
    assert agent.hear(4, **wrong)
    assert agent.state == (300, 3, (4, code))
    assert not agent.hear(4, **wrong)
    agent.outbox.close()
    again = Agent(tmp_path / "o.db")
    assert again.state == (300, 3, (4, code))
    assert again.hear(5, threshold_kg=350)
    assert again.state == (350, 5, None)
    again.outbox.close()


def test_a_configuration_at_which_the_agent_ended_is_not_tried_again(agent: Agent, tmp_path: Path) -> None:
    """An agent that dies of a setting would die of it at every start, and nobody could send another."""
    agent.hear(3, threshold_kg=300)
    with pytest.raises(SystemExit):
        agent.hear(4, threshold_kg=666)
    agent.outbox.close()
    again = Agent(tmp_path / "o.db")
    assert again.state == (300, 3, (4, "crashed"))
    assert not again.hear(4, threshold_kg=666)
    again.outbox.close()


def test_what_is_no_configuration_changes_nothing(agent: Agent) -> None:
    """One broken retained message would end the agent at every connection."""
    agent.hear(3, threshold_kg=300)
    for payload in (b"", b"{", b"[]", b'{"v":0}', b"\xff" * 9):
        agent.remote.hear(payload)
    assert agent.state[:2] == (300, 3)
