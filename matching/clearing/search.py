"""Which lots go entire, or in least parts, where the divisible flow would cut them up?

The flow with every lot divisible is dived into: a lot that was cut too small is tried at each of its places
and nowhere, the rest of the market answering each time with its best flow, and the best trial stays. Then
ruin and recreate (Schrimpf et al., J. Comput. Phys. 159, 2000): some neighbouring decisions are taken back
and made anew, and kept if nobody together is worse off. Since the rest always answers with its best flow, its
gain is a bound on everything that can still come of it: whatever falls below the old gain is left at once.
"""

from __future__ import annotations

from pathlib import Path

from matching.clearing.chance import draw
from matching.clearing.decide import admit, refuse, refuse_all, release
from matching.clearing.layout import (
    CHOICES,
    CLOSED,
    CUTOFF,
    DECIDED,
    DROPPED,
    FAR,
    FREE,
    GAIN,
    KG,
    LEAST,
    LOG_AT,
    LOT,
    LOT_FROM,
    LOT_KG,
    LOTS,
    MODE,
    MOST_CHOICES,
    MOVES,
    NEVER,
    NOTED,
    OPEN,
    PRICE,
    RESOURCE,
    RESOURCE_FROM,
    RESOURCE_PAIRS,
    RESOURCE_TAKER,
    RUINED,
    SEED,
    TAKER_FROM,
    TAKER_RESOURCES,
    TOTAL,
    WAIT,
    WAITING,
)
from matching.clearing.market import Ints
from matching.clearing.residual import undo
from matching.kernels import cache_folder, compiled, entry

MOST_COMPARED = 6
"""Lots of which the one with most regret is taken."""

NOISE = 20
"""Per cent by which the cost of a choice is misjudged on purpose."""


@compiled
def chance(net: Ints, work: Ints, below: int) -> int:
    """Draw a number below a bound."""
    return draw(work, net[SEED], below)


@compiled
def note(net: Ints, work: Ints, lot: int) -> None:
    """Let a lot wait to be looked at."""
    if work[net[NOTED] + lot] == 0:
        work[net[NOTED] + lot] = 1
        work[net[WAITING] + work[net[WAIT]]] = lot
        work[net[WAIT]] += 1


@compiled
def note_moved(net: Ints, work: Ints, since: int) -> None:
    """Let all lots wait of which something moved since the log had so many entries."""
    first, last = net[KG], net[MODE]
    for n in range(since, work[net[MOVES]]):
        at = work[net[LOG_AT] + n]
        if first <= at < last:
            note(net, work, net[net[LOT] + at - first])


@compiled
def too_small(net: Ints, state: Ints, lot: int) -> int:
    """Give the largest part of a lot that is below its least part, or -1."""
    worst, most, least = -1, 0, net[net[LEAST] + lot]
    for pair in range(net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]):
        kg = state[net[KG] + pair]
        if most < kg < least:
            worst, most = pair, kg
    return worst


@compiled
def _try(net: Ints, state: Ints, work: Ints, lot: int, choice: int) -> bool:
    """Do one of a lot's choices: a pair (admit there), -1 (leave it) or -2 - pair (forbid this pair)."""
    if choice >= 0:
        return admit(net, state, work, choice)
    if choice == -1:
        return refuse_all(net, state, work, lot)
    return refuse(net, state, work, -2 - choice)


@compiled
def _choices(net: Ints, state: Ints, work: Ints, lot: int, cut: int) -> int:
    """List what can be done with a lot that was cut too small; return how many choices there are."""
    found = net[CHOICES]
    if net[net[LEAST] + lot] < net[net[LOT_KG] + lot]:
        work[found], work[found + 1] = -2 - cut, cut
        return 2
    n = 0
    for pair in range(net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]):
        if state[net[MODE] + pair] <= OPEN and state[net[KG] + pair] > 0 and n < MOST_CHOICES - 1:
            work[found + n] = pair
            n += 1
    work[found + n] = -1
    return n + 1


@compiled
def decide(net: Ints, state: Ints, work: Ints, lot: int, cut: int, floor: int, noise: int) -> bool:
    """Try a lot's choices and keep the best, the cost of each seen through so many per cent of noise.

    A trial is left as soon as all must fall below `floor`, or it cannot be the best any more.
    """
    found = net[CHOICES]
    n = _choices(net, state, work, lot, cut)
    mark, before = work[net[MOVES]], state[net[TOTAL]]
    best, least_cost = -1, 0
    work[net[CUTOFF]] = floor
    for trial in range(n):
        done = _try(net, state, work, lot, work[found + trial])
        cost = before - state[net[TOTAL]]
        if noise > 0:
            cost += cost * (chance(net, work, 2 * noise + 1) - noise) // 100
        if done and (best < 0 or cost < least_cost):
            best, least_cost = trial, cost
            work[net[CUTOFF]] = max(floor, before - max(cost, 0) * 100 // (100 - noise))
        if trial < n - 1 or best != trial:
            undo(net, state, work, mark)
    work[net[CUTOFF]] = floor
    return best == n - 1 or (best >= 0 and _try(net, state, work, lot, work[found + best]))


@compiled
def _dive(net: Ints, state: Ints, work: Ints, floor: int, noise: int, forget: bool) -> bool:
    """Decide all waiting lots until none is cut too small; False: worse than `floor`, half done.

    With `forget` the log is cleared after each decision: nothing can be taken back.
    """
    done = True
    while work[net[WAIT]] > 0:
        left = work[net[WAIT]] - 1
        n = net[WAITING] + (chance(net, work, left + 1) if noise > 0 else left)
        lot = work[n]
        work[n] = work[net[WAITING] + left]
        work[net[WAIT]] = left
        work[net[NOTED] + lot] = 0
        cut = too_small(net, state, lot) if done else -1
        if cut < 0:
            continue
        since = work[net[MOVES]]
        done = decide(net, state, work, lot, cut, floor, noise) and state[net[TOTAL]] >= floor
        note_moved(net, work, since)
        note(net, work, lot)
        if forget:
            work[net[MOVES]] = 0
    return done


@entry
def dive(net: Ints, state: Ints, work: Ints, lots: Ints) -> bool:
    """Decide these lots, and what gives way to them, for good; False: one could not be decided."""
    for lot in lots:
        note(net, work, lot)
    return _dive(net, state, work, NEVER, 0, True)


@compiled
def _one_beside(net: Ints, work: Ints, lot: int) -> int:
    """Draw a resource that a lot could go to, or one of the same taker."""
    first = net[net[LOT_FROM] + lot]
    resource = net[net[RESOURCE] + first + chance(net, work, net[net[LOT_FROM] + lot + 1] - first)]
    if chance(net, work, 3) > 0:
        return int(resource)
    taker = net[net[RESOURCE_TAKER] + resource]
    first = net[net[TAKER_FROM] + taker]
    at = first + chance(net, work, net[net[TAKER_FROM] + taker + 1] - first)
    return int(net[net[TAKER_RESOURCES] + at])


@compiled
def neighbours(net: Ints, state: Ints, work: Ints, lot: int, most: int) -> int:
    """Collect decided lots that share resources or takers with a lot, itself first; return how many."""
    found = net[RUINED]
    work[found] = lot
    n, wanted = 1, 1 + chance(net, work, most)
    for _ in range(8 * wanted):
        if n >= wanted:
            break
        resource = _one_beside(net, work, work[found + chance(net, work, n)])
        first = net[net[RESOURCE_FROM] + resource]
        width = net[net[RESOURCE_FROM] + resource + 1] - first
        start = chance(net, work, width) if width > 0 else 0
        for step in range(width):
            other = net[net[LOT] + net[net[RESOURCE_PAIRS] + first + (start + step) % width]]
            new = state[net[DECIDED] + other] == 1
            for k in range(n):
                new = new and work[found + k] != other
            if new:
                work[found + n] = other
                n += 1
                break
    return n


@compiled
def _elsewhere(net: Ints, state: Ints, work: Ints, lot: int, floor: int) -> bool:
    """Send an all-or-nothing lot one way at random, or nowhere, where the prices don't forbid it."""
    kg = net[net[LOT_KG] + lot]
    if net[net[LEAST] + lot] < kg:
        return True
    first = net[net[LOT_FROM] + lot]
    ways = net[net[LOT_FROM] + lot + 1] - first + 1
    start = chance(net, work, ways)
    for n in range(ways):
        pair = first + (start + n) % ways
        leaves = pair == first + ways - 1
        cost = 0
        if not leaves:
            price = state[net[PRICE] + net[LOTS] + net[net[RESOURCE] + pair]]
            if state[net[MODE] + pair] not in (FREE, CLOSED) or price >= FAR // 2:
                continue
            cost = price - net[net[GAIN] + pair]
        if kg * (cost - state[net[PRICE] + lot]) <= state[net[TOTAL]] - floor:
            return refuse_all(net, state, work, lot) if leaves else admit(net, state, work, pair)
    return True


@compiled
def _regret(net: Ints, state: Ints, lot: int) -> int:
    """Give what a lot would gain by going where it earns most at the prices of now."""
    best, here = 0, 0
    for pair in range(net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]):
        earns = net[net[GAIN] + pair] - state[net[PRICE] + net[LOTS] + net[net[RESOURCE] + pair]]
        if state[net[MODE] + pair] != DROPPED:
            best = max(best, earns)
        here += state[net[KG] + pair] * earns
    return int(best * net[net[LOT_KG] + lot] - here)


@compiled
def _decided(net: Ints, state: Ints, work: Ints) -> int:
    """Draw some lots that were decided and give the one with most regret; -1: hardly any is decided."""
    found, most, wanted = -1, 0, 1 + chance(net, work, MOST_COMPARED)
    for _ in range(4_000):
        lot = chance(net, work, net[LOTS])
        if state[net[DECIDED] + lot] == 1 and net[net[LOT_FROM] + lot] < net[net[LOT_FROM] + lot + 1]:
            regret = _regret(net, state, lot)
            if found < 0 or regret > most:
                found, most = lot, regret
            wanted -= 1
            if wanted == 0:
                break
    return found


@entry
def ruin_and_recreate(
    net: Ints,
    state: Ints,
    work: Ints,
    best: Ints,
    first: int,
    rounds: int,
    planned: int,
    give: int,
    most: int,
) -> int:
    """Take up to `most` decisions back and make them anew, for rounds `first` and on of those planned.

    What stays may fall below the best gain so far by `give`, less with every round planned (record-to-record
    travel; Dueck, J. Comput. Phys. 104, 1993). `best` holds the best state.
    Returns the rounds made: fewer than were asked for where hardly a lot is decided.
    """
    total = net[TOTAL]
    for made in range(rounds):
        lot = _decided(net, state, work)
        if lot < 0:
            work[net[CUTOFF]] = NEVER
            return made
        work[net[MOVES]] = 0
        floor = best[total] - give * max(planned - first - made, 0) // planned
        work[net[CUTOFF]] = floor
        fine = True
        for k in range(neighbours(net, state, work, lot, most)):
            fine = fine and release(net, state, work, work[net[RUINED] + k])
        if fine and chance(net, work, 2) == 0:
            fine = _elsewhere(net, state, work, lot, floor)
        if fine:
            note_moved(net, work, 0)
            fine = _dive(net, state, work, floor, NOISE, False)
        if not fine or state[total] < floor:
            undo(net, state, work, 0)
        elif state[total] > best[total]:
            for n in range(len(state)):
                best[n] = state[n]
    work[net[CUTOFF]] = NEVER
    return rounds


def is_ready() -> bool:
    """Say whether the search was compiled before, so that its first call waits for little."""
    folder, here = cache_folder(Path(__file__).parent), Path(__file__).stem
    kept = [] if folder is None else [path.name for path in folder.glob("*.nbi")]
    names = [f"{here}.{kernel.__name__}-" for kernel in (dive, ruin_and_recreate)]
    return all(any(file.startswith(name) for file in kept) for name in names)
