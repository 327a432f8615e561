"""The conversations that are open, of all tabs: asked on, and kept by the router as they go.

An answer belongs to its conversation and not to a tab: it goes on while its page is left or loaded anew, and whoever
has the conversation open sees it grow. Tabs are told of every change (`Talk.watchers`), at most so many times a second.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary, WeakValueDictionary

from nicegui import background_tasks

from ..store.conversation import Answer, Conversation, File, Summary, Turn
from .dialogue import MOST_TOKENS, answer_of, branch, end_of, joined, new_id
from .router import Router, RouterFault, at
from .writing import Writing

log = logging.getLogger("landbridge.dashboard")

CONFLICT = 409
GONE = 404

Watcher = Callable[[Turn | None, Answer | None], None]
"""Told of an answer that has changed, of a question with new answers, or (None, None) that all may have."""
Most = Callable[[str], int]
"""How many tokens a model may answer with."""


class Talk:
    """One conversation."""

    def __init__(self, router: Router, said: Conversation) -> None:
        self.said = said
        self.watchers: list[Watcher] = []
        self.writing: dict[str, Writing] = {}
        """What is being answered, by the answer's id."""
        self.fault = ""
        """Why it could not be kept; empty when it is."""
        self.gone = False
        """Whether it was deleted: it is not kept any more."""
        self._router = router
        self._keeping = asyncio.Lock()

    @property
    def id(self) -> str:
        """Of the conversation."""
        return self.said.id

    @property
    def busy(self) -> bool:
        """Whether something is being answered."""
        return bool(self.writing)

    # -- questions -----------------------------------------------------------------------------------------------------

    def ask(self, text: str, files: list[File], models: list[str], most: Most = lambda _: MOST_TOKENS) -> Turn:
        """Ask on, at the end of the branch."""
        before = branch(self.said)
        return self._asked(before[-1].id if before else "", text, files, models, most)

    def ask_instead(
        self, turn: Turn, text: str, files: list[File], models: list[str], most: Most = lambda _: MOST_TOKENS
    ) -> Turn:
        """Ask something else in the place of `turn`; what was said there stays, in a branch of its own."""
        return self._asked(turn.parent, text, files, models, most)

    def _asked(self, parent: str, text: str, files: list[File], models: list[str], most: Most) -> Turn:
        turn = Turn(id=new_id(), parent=parent, text=text, files=files, at=time.time())
        self.said.turns.append(turn)
        self.said.leaf = turn.id
        self.said.models = list(models)
        for side, model in enumerate(models):
            self._write(turn, side, model, most(model))
        self.tell(None, None)
        self.keep_soon()
        return turn

    def answer_again(self, turn: Turn, side: int, model: str, most: int = MOST_TOKENS) -> Answer:
        """Another answer to a question, beside the one there is."""
        answer = self._write(turn, side, model, most)
        self.tell(turn, None)
        return answer

    def _write(self, turn: Turn, side: int, model: str, most: int) -> Answer:
        answer = Answer(id=new_id(), model=model, side=side, at=time.time())
        turn.answers.append(answer)
        turn.chosen[side] = answer.id
        writing = self.writing[answer.id] = Writing(self._router, self.said, turn, answer, most)
        background_tasks.create(self._follow(writing), name=f"answer {answer.id}")
        return answer

    async def _follow(self, writing: Writing) -> None:
        """See an answer through to its end."""
        try:
            await writing.run(lambda: self.tell(writing.turn, writing.answer))
        finally:
            self.writing.pop(writing.answer.id, None)
            self.tell(writing.turn, writing.answer)
        await self.keep()
        if await writing.find_cost():
            self.tell(writing.turn, writing.answer)
            await self.keep()

    def stop(self) -> None:
        """Stop whatever is being answered; what has come stays."""
        for writing in list(self.writing.values()):
            writing.stop()

    # -- branches ------------------------------------------------------------------------------------------------------

    def go(self, turn: Turn) -> None:
        """Look at the branch of this form of a question."""
        self.said.leaf = end_of(self.said, turn)
        self.tell(None, None)
        self.keep_soon()

    def choose(self, turn: Turn, answer: Answer) -> None:
        """Go on with this answer of its side."""
        turn.chosen[answer.side] = answer.id
        self.tell(turn, None)
        self.keep_soon()

    def drop(self, turn: Turn, side: int) -> None:
        """Forget the answer in use, which came to nothing."""
        answer = answer_of(turn, side)
        if answer is not None and answer.id not in self.writing:
            turn.answers.remove(answer)
            turn.chosen.pop(side, None)

    # -- keeping -------------------------------------------------------------------------------------------------------

    def keep_soon(self) -> None:
        """Have it kept, beside whatever else goes on."""
        background_tasks.create(self.keep(), name=f"keep {self.id}")

    async def keep(self) -> None:
        """Have the router keep it. Where somebody else was faster, both are joined. What goes wrong is in `fault`."""
        async with self._keeping:
            if self.gone or not self.said.turns:
                return
            try:
                await self._keep()
                fault = ""
            except RouterFault as error:
                fault = error.message
        if fault != self.fault:
            self.fault = fault
            self.tell(None, None)

    async def _keep(self) -> None:
        path = at("conversations", self.id)
        for _attempt in range(3):
            try:
                self._took(await self._router.ask("PUT", path, Summary, self.said))
                return
            except RouterFault as fault:
                if fault.status == GONE and self.said.version:
                    self.gone = True
                    return
                if fault.status != CONFLICT:
                    raise
            theirs = await self._router.get(path, Conversation)
            self.said = joined(self.said, theirs)
            self.tell(None, None)

    def _took(self, summary: Summary) -> None:
        said = self.said
        said.version, said.title, said.created, said.changed = (
            summary.version, summary.title, summary.created, summary.changed,
        )  # fmt: skip

    async def hear(self, summary: Summary | None) -> None:
        """Somebody has kept, renamed or deleted it: perhaps this process itself."""
        async with self._keeping:
            if summary is None:
                self.gone = True
                self.stop()
            elif summary.version > self.said.version:
                try:
                    theirs = await self._router.get(at("conversations", self.id), Conversation)
                except RouterFault:
                    return
                self.said = joined(self.said, theirs)
            else:
                self.said.title = summary.title
                return
        self.tell(None, None)

    def tell(self, turn: Turn | None, answer: Answer | None) -> None:
        """Tell all tabs."""
        for watcher in list(self.watchers):
            try:
                watcher(turn, answer)
            except Exception:
                log.exception("a tab could not show what was said")


class Talks:
    """Of one router. Who has a conversation open holds it; it stays while something is being answered."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._open: WeakValueDictionary[str, Talk] = WeakValueDictionary()

    async def open(self, id: str) -> Talk:
        """One that is kept. Raises `RouterFault`."""
        if (found := self._open.get(id)) is not None:
            return found
        said = await self._router.get(at("conversations", id), Conversation)
        if (found := self._open.get(id)) is not None:  # another tab was faster
            return found
        return self._hold(said)

    def begin(self) -> Talk:
        """A new one."""
        return self._hold(Conversation(id=new_id()))

    async def hear(self, id: str, summary: Summary | None) -> None:
        """Something has become of one."""
        if (talk := self._open.get(id)) is not None:
            await talk.hear(summary)

    def _hold(self, said: Conversation) -> Talk:
        talk = self._open[said.id] = Talk(self._router, said)
        return talk


_talks: WeakKeyDictionary[Router, Talks] = WeakKeyDictionary()


def talks_of(router: Router) -> Talks:
    """Those of a router."""
    return _talks.setdefault(router, Talks(router))
