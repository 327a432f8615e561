"""The life of one engine as a table: (state, event) -> state. Pure; a pair that is not listed cannot happen.

    stopped --wanted--> starting --answered--> ready --unwanted--> draining --empty--> stopping --exited--> stopped
                           |                     |                    |
                           +------- died --------+--------------------+--> resting --rested--> stopped
                           +------ gave_up ------+--------------------+--> failed  --rested--> stopped

`resting` is the pause after a crash, `failed` the long one after too many. Only the engine's owner takes steps.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an engine stands."""

    STOPPED = "stopped"
    """No process."""
    STARTING = "starting"
    """A process is being started or loads the model."""
    READY = "ready"
    """It has said that it can answer."""
    DRAINING = "draining"
    """Gives out no more leases; stops when those that run have come back."""
    STOPPING = "stopping"
    """Told to end; the process may still be there."""
    RESTING = "resting"
    """It crashed; whoever wants it waits out a short pause."""
    FAILED = "failed"
    """It crashed too often; whoever wants it is told why."""


class Event(StrEnum):
    """What can happen to an engine."""

    WANTED = "wanted"
    """Somebody waits for it."""
    ANSWERED = "answered"
    """Its health endpoint says it is ready."""
    REFUSED = "refused"
    """It was not started after all: no memory, an unusable file, nobody waits any more, or the user unloads it."""
    DIED = "died"
    """The process ended by itself."""
    GAVE_UP = "gave_up"
    """It ended by itself once too often in a row."""
    UNWANTED = "unwanted"
    """Idle for long, its memory is needed, its settings have changed, it leaks, or the user unloads it."""
    EMPTY = "empty"
    """The last lease has come back."""
    EXITED = "exited"
    """The process that was told to end is gone."""
    RESTED = "rested"
    """The pause is over, or what made it fail has changed."""
    HALT = "halt"
    """landbridge stops."""


TRANSITIONS: dict[State, dict[Event, State]] = {
    State.STOPPED: {
        Event.WANTED: State.STARTING,
        Event.HALT: State.STOPPED,
    },
    State.STARTING: {
        Event.ANSWERED: State.READY,
        Event.REFUSED: State.STOPPED,
        Event.DIED: State.RESTING,
        Event.GAVE_UP: State.FAILED,
        Event.HALT: State.STOPPING,
    },
    State.READY: {
        Event.DIED: State.RESTING,
        Event.GAVE_UP: State.FAILED,
        Event.UNWANTED: State.DRAINING,
        Event.HALT: State.STOPPING,
    },
    State.DRAINING: {
        Event.DIED: State.RESTING,
        Event.GAVE_UP: State.FAILED,
        Event.EMPTY: State.STOPPING,
        Event.HALT: State.STOPPING,
    },
    State.STOPPING: {
        Event.EXITED: State.STOPPED,
        Event.HALT: State.STOPPING,
    },
    State.RESTING: {
        Event.RESTED: State.STOPPED,
        Event.HALT: State.STOPPED,
    },
    State.FAILED: {
        Event.RESTED: State.STOPPED,
        Event.HALT: State.STOPPED,
    },
}


class ImpossibleStep(RuntimeError):
    """An event that cannot happen in this state: a defect of the owner."""


def step(state: State, event: Event) -> State:
    """The state after `event`. Raises `ImpossibleStep` for a pair that is not in the table."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise ImpossibleStep(f"an engine that is {state} cannot take {event!r}") from None
