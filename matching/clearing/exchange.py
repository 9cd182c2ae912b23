"""Which lots should change places, when many quick trials are worth more than an exact answer to each?

A lot is sent to a place of its own. Those who stand in its way are made smaller or thrown out, and look for
the best free place in turn; what has come of it all is kept if it is better, or by chance if it is not much
worse (annealing; Kirkpatrick, Gelatt, Vecchi, Science 220, 1983). The tonnes are lawful after every trial.
Prices decide nothing here; they only said which pairs are worth a trial. `book` holds what the trials write
down: a header of places and numbers, then who stands at each resource, a log, a queue and the pairs to try.
"""

from __future__ import annotations

import numpy as np

from matching.clearing.chance import draw
from matching.clearing.layout import (
    DROPPED,
    GAIN,
    KG,
    LEAST,
    LOAD,
    LOT,
    LOT_FROM,
    LOT_KG,
    MODE,
    PAIRS,
    RESOURCE,
    RESOURCE_FROM,
    RESOURCE_TAKER,
    RESOURCES,
    REST,
    ROOM,
    TAKER_FROM,
    TAKER_RESOURCES,
    TOTAL,
)
from matching.clearing.market import Ints
from matching.kernels import compiled, entry

SPOTS, SPOT_OF, COUNTS, LOG, QUEUE, TRIED = 0, 1, 2, 3, 4, 5
"""In `book`: where each table begins. Pairs by resource, those in use first; where a pair stands among them;
how many are in use; the log; lots that look for a place; the pairs to try."""

LOGGED, QUEUED, CANDIDATES, CHANCE = 6, 7, 8, 9
"""In `book`: how many are in the log, in the queue, to be tried; the state of chance."""

MOST_LOGGED, MOST_QUEUED, HEADER = 64, 64, 16
MOST_EJECTED, MOST_INVITED, MOST_PARTS = 24, 6, 3
SNAPSHOT = 40
"""Rounds between two looks at whether the best has been passed."""


def book_for(net: Ints, kg: Ints, tried: Ints, seed: int) -> Ints:
    """Make the book for a market in which pairs carry so much."""
    pairs, resources = int(net[PAIRS]), int(net[RESOURCES])
    sizes = [HEADER, pairs, pairs, resources, 2 * MOST_LOGGED, MOST_QUEUED, len(tried)]
    starts = np.cumsum(sizes)
    book = np.zeros(int(starts[-1]), dtype=np.int64)
    book[SPOTS : TRIED + 1] = starts[:-1]
    resource = net[net[RESOURCE] : net[RESOURCE] + pairs]
    order = np.lexsort((kg == 0, resource))
    book[book[SPOTS] : book[SPOTS] + pairs] = order
    book[book[SPOT_OF] + order] = np.arange(pairs)
    book[book[COUNTS] : book[COUNTS] + resources] = np.bincount(resource[kg > 0], minlength=resources)
    book[book[TRIED] :] = tried
    book[CANDIDATES] = len(tried)
    book[CHANCE] = (seed * 2_654_435_761 + 88_172_645_463_325_252) % (1 << 62) or 1
    return book


@compiled
def _list(net: Ints, book: Ints, pair: int, resource: int, comes: bool) -> None:
    """Note that a pair has come into use at its resource, or has gone out of it."""
    count, spots, spot_of = book[COUNTS] + resource, book[SPOTS], book[SPOT_OF]
    if not comes:
        book[count] -= 1
    there = net[net[RESOURCE_FROM] + resource] + book[count]
    if comes:
        book[count] += 1
    here, other = book[spot_of + pair], book[spots + there]
    book[spots + here], book[spot_of + other] = other, here
    book[spots + there], book[spot_of + pair] = pair, there


@compiled
def _set(net: Ints, state: Ints, book: Ints, pair: int, kg: int) -> None:
    """Let a pair carry so much, unlogged."""
    at = net[KG] + pair
    before = state[at]
    more = kg - before
    resource = net[net[RESOURCE] + pair]
    state[at] = kg
    state[net[REST] + net[net[LOT] + pair]] -= more
    state[net[LOAD] + resource] += more
    state[net[LOAD] + net[RESOURCES] + net[net[RESOURCE_TAKER] + resource]] += more
    state[net[TOTAL]] += more * net[net[GAIN] + pair]
    if (before == 0) != (kg == 0):
        _list(net, book, pair, resource, before == 0)


@compiled
def _carry(net: Ints, state: Ints, book: Ints, pair: int, kg: int) -> None:
    """Let a pair carry so much, and log what it carried."""
    at = book[LOG] + 2 * book[LOGGED]
    book[at], book[at + 1] = pair, state[net[KG] + pair]
    book[LOGGED] += 1
    _set(net, state, book, pair, kg)


@compiled
def _take_back(net: Ints, state: Ints, book: Ints) -> None:
    """Undo what the log holds."""
    for n in range(book[LOGGED] - 1, -1, -1):
        at = book[LOG] + 2 * n
        _set(net, state, book, book[at], book[at + 1])
    book[LOGGED] = 0


@compiled
def _is_full(book: Ints) -> bool:
    """Say whether the log has no room for what one more lot may need."""
    return bool(book[LOGGED] > MOST_LOGGED - 24)


@compiled
def _free(net: Ints, state: Ints, resource: int) -> tuple[int, int]:
    """Give the kilograms that are free at a resource and at its taker."""
    taker = net[RESOURCES] + net[net[RESOURCE_TAKER] + resource]
    code = net[net[ROOM] + resource] - state[net[LOAD] + resource]
    return code, net[net[ROOM] + taker] - state[net[LOAD] + taker]


@compiled
def _await(book: Ints, lot: int) -> None:
    """Let a lot look for a place."""
    first = book[QUEUE]
    for n in range(book[QUEUED]):
        if book[first + n] == lot:
            return
    if book[QUEUED] < MOST_QUEUED:
        book[first + book[QUEUED]] = lot
        book[QUEUED] += 1


@compiled
def _in_the_way(net: Ints, state: Ints, book: Ints, resource: int, lacking: int) -> int:
    """Draw one or two pairs in use at a resource, and give that whose mass is nearer to what lacks; or -1."""
    count = book[book[COUNTS] + resource]
    if count == 0:
        return -1
    first = book[SPOTS] + net[net[RESOURCE_FROM] + resource]
    one, other = book[first + draw(book, CHANCE, count)], book[first + draw(book, CHANCE, count)]
    off = abs(state[net[KG] + one] - lacking)
    return int(other if abs(state[net[KG] + other] - lacking) < off else one)


@compiled
def _make_room(net: Ints, state: Ints, book: Ints, pair: int, kg: int) -> bool:
    """Make others smaller or throw them out until so much fits; False: it never did."""
    resource, lot = net[net[RESOURCE] + pair], net[net[LOT] + pair]
    taker = net[net[RESOURCE_TAKER] + resource]
    for _ in range(MOST_EJECTED):
        code, gate = _free(net, state, resource)
        if kg <= min(code, gate):
            return True
        if _is_full(book):
            return False
        where = resource
        if kg <= code:
            first = net[net[TAKER_FROM] + taker]
            at = first + draw(book, CHANCE, net[net[TAKER_FROM] + taker + 1] - first)
            where = net[net[TAKER_RESOURCES] + at]
        lacking = kg - min(code, gate)
        other = _in_the_way(net, state, book, where, lacking)
        if other < 0 or net[net[LOT] + other] == lot:
            continue
        owner = net[net[LOT] + other]
        least, stays = net[net[LEAST] + owner], state[net[KG] + other] - lacking
        if least < net[net[LOT_KG] + owner] and state[net[KG] + other] > least:
            stays = max(stays, least if draw(book, CHANCE, 2) == 0 else 0)
        _carry(net, state, book, other, stays if stays >= max(least, 1) else 0)
        _await(book, owner)
    return False


@compiled
def _place(net: Ints, state: Ints, book: Ints, lot: int) -> None:
    """Send what rests of a lot to where it earns most of what is free, in some parts if need be."""
    least = net[net[LEAST] + lot]
    for _ in range(MOST_PARTS):
        rest = state[net[REST] + lot]
        if rest <= 0 or _is_full(book):
            return
        best, most, amount = -1, 0, 0
        for pair in range(net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]):
            code, gate = _free(net, state, net[net[RESOURCE] + pair])
            kg = min(rest, code, gate)
            small = kg <= 0 or (state[net[KG] + pair] == 0 and kg < least)
            if small or state[net[MODE] + pair] == DROPPED:
                continue
            if kg * net[net[GAIN] + pair] > most:
                best, most, amount = pair, kg * net[net[GAIN] + pair], kg
        if best < 0:
            return
        _carry(net, state, book, best, state[net[KG] + best] + amount)


@compiled
def _vacate(net: Ints, state: Ints, book: Ints, pair: int) -> None:
    """Take a lot, or all but its least part, from a place; some who could go there are asked first."""
    lot, resource = net[net[LOT] + pair], net[net[RESOURCE] + pair]
    least = net[net[LEAST] + lot]
    divides = least < net[net[LOT_KG] + lot] and state[net[KG] + pair] > least
    _carry(net, state, book, pair, least if divides and draw(book, CHANCE, 2) == 0 else 0)
    first = net[net[RESOURCE_FROM] + resource]
    width = net[net[RESOURCE_FROM] + resource + 1] - first
    for _ in range(min(MOST_INVITED, width)):
        other = book[book[SPOTS] + first + draw(book, CHANCE, width)]
        guest = net[net[LOT] + other]
        if guest == lot or state[net[MODE] + other] == DROPPED:
            continue
        code, gate = _free(net, state, resource)
        kg = min(state[net[REST] + guest], code, gate)
        if kg > 0 and (state[net[KG] + other] > 0 or kg >= net[net[LEAST] + guest]):
            _carry(net, state, book, other, state[net[KG] + other] + kg)


@compiled
def _gather(net: Ints, state: Ints, book: Ints, lot: int, wanted: int) -> int:
    """Take so much, if there is as much, from what rests of a lot and from its parts; return how much."""
    got, least = state[net[REST] + lot], net[net[LEAST] + lot]
    for pair in range(net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]):
        kg = state[net[KG] + pair]
        if got >= wanted or kg == 0:
            continue
        stays = kg - (wanted - got)
        stays = stays if stays >= least else 0
        _carry(net, state, book, pair, stays)
        got += kg - stays
    return int(min(got, wanted))


@compiled
def _trial(net: Ints, state: Ints, book: Ints) -> bool:
    """Change something about a pair drawn by lot and all that follows; False: it can't be."""
    pair = book[book[TRIED] + draw(book, CHANCE, book[CANDIDATES])]
    lot = net[net[LOT] + pair]
    entire, least = net[net[LOT_KG] + lot], net[net[LEAST] + lot]
    if state[net[KG] + pair] > 0:
        if draw(book, CHANCE, 4) > 0:
            return False
        _vacate(net, state, book, pair)
    else:
        wanted = entire
        if least < entire:
            code, gate = _free(net, state, net[net[RESOURCE] + pair])
            way = draw(book, CHANCE, 3)
            if way == 0 and min(code, gate) >= least:
                wanted = min(code, gate, entire)
            elif way == 1:
                wanted = least
        wanted = _gather(net, state, book, lot, wanted)
        if wanted < max(least, 1) or not _make_room(net, state, book, pair, wanted):
            return False
        _carry(net, state, book, pair, wanted)
    _await(book, lot)
    n = 0
    while n < book[QUEUED]:
        _place(net, state, book, book[book[QUEUE] + n])
        n += 1
    return True


@entry
def exchange(
    net: Ints, state: Ints, book: Ints, best: Ints, top: int, first: int, rounds: int, plan: Ints
) -> int:
    """Make trials for rounds `first` and on; return the best gain so far, with its kilograms in `best`.

    `top` is that gain before. `plan`: rounds planned, trials a round, and the loss, in kilograms times gain,
    that is borne with odds of 1 in e, at first and in the end.
    """
    kg, total = net[KG], net[TOTAL]
    for n in range(first, first + rounds):
        heat = plan[2] * (plan[3] / plan[2]) ** min(1.0, n / plan[0])
        for _ in range(plan[1]):
            book[LOGGED] = book[QUEUED] = 0
            before = state[total]
            fine = _trial(net, state, book)
            lost = before - state[total]
            luck = (draw(book, CHANCE, 1 << 30) + 1) / (1 << 30)
            if not fine or lost > -heat * np.log(luck):
                _take_back(net, state, book)
        if n % SNAPSHOT == SNAPSHOT - 1 and state[total] > top:
            top = state[total]
            for pair in range(len(best)):
                best[pair] = state[kg + pair]
    return int(top)
