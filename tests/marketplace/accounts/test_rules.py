"""Passwords, counters and logins keep their promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.record.errors import Invalid
from marketplace.accounts import passwords
from marketplace.accounts.rules import WINDOW, Tries, normal_login, require_good_password

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "password", ["short", "1234567890", "aaaaaaaaaaaa", "my-wuhan-steel-works", "x" * 201]
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    """The first guess of every attacker would open the account."""
    with pytest.raises(Invalid):
        require_good_password(password, "wuhan-steel")


@pytest.mark.parametrize("password", ["correct horse battery", "废油桶二十四吨每周三来", "long enough 1"])
def test_a_password_of_a_few_words_is_taken(password: str) -> None:
    """People would write awkward ones on paper."""
    require_good_password(password, "wuhan-steel")


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=40))
def test_no_window_takes_more_tries_than_allowed(seconds: list[int]) -> None:
    """A guesser with patience would get more than the limit."""
    tries, taken = Tries(START, 0), []
    for second in sorted(seconds):
        at = START + timedelta(seconds=second)
        if tries.wait_s(5, at):
            continue
        tries = tries.one_more(at)
        taken.append((tries.since, at))
    for since in {since for since, _ in taken}:
        inside = [at for begun, at in taken if begun == since]
        assert len(inside) <= 5
        assert all(at < since + WINDOW for at in inside)


def test_the_wait_ends_when_it_says() -> None:
    """A person would be told to come back and be refused again."""
    tries = Tries(START, 5)
    at = START + timedelta(seconds=60)
    wait = tries.wait_s(5, at)
    assert wait > 0
    assert tries.wait_s(5, at + timedelta(seconds=wait)) == 0


def test_a_hash_fits_its_password_only_and_nobody_fits_none() -> None:
    """Anybody could come in, or nobody."""
    kept = passwords.hashed("correct horse battery")
    assert passwords.fits(kept, "correct horse battery")
    assert not passwords.fits(kept, "correct horse batter")
    assert not passwords.fits(None, "correct horse battery")
    assert not passwords.outdated(kept)


def test_an_old_hash_is_known_as_such() -> None:
    """Old accounts would stay weakly protected for ever."""
    old = "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$6C7Px3HTc+Lv8UX1KDmQ6uVjSfwzvcWpcyhRRzbTt0Y"
    assert passwords.outdated(old)


def test_logins_are_compared_as_people_mean_them() -> None:
    """Two people could share a name that differs by a capital."""
    assert normal_login("  Wang.Li ") == "wang.li"
