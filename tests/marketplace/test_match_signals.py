"""Does Ctrl-C end a search with what it has found?"""

from __future__ import annotations

import signal

from marketplace.match_signals import interrupted


def test_ctrl_c_is_a_question_that_the_search_can_ask() -> None:
    """Ten minutes of search would be lost to a traceback."""
    before = signal.getsignal(signal.SIGINT)
    with interrupted() as stopped:
        assert not stopped()
        signal.raise_signal(signal.SIGINT)
        assert stopped()
    assert signal.getsignal(signal.SIGINT) == before
