"""Runs rules against one gateway, side by side; what goes wrong in one stays there.

Before that it looks what the gateway offers (which dialects, and whether its models lead to the suite's upstream), so
that what cannot be tested is said once and not held against it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from ..errors import Unreachable
from .client import send
from .faces import FACES, Face
from .rule import Ask, Finding, NotTestable, Request, Rule, Verdict, Want
from .seen import Exchange, Seen
from .target import TOKEN, Target, streams
from .upstream import Line, Upstream
from .upstreams import UPSTREAMS

LOOK_SECONDS = 30.0
"""A model that has to be loaded first is given this time for its first answer."""
LEAVE_SECONDS = 5.0
"""How long the upstream is watched after the client left."""
SETTLE_SECONDS = 1.0
"""How long it is watched for new requests after that."""
NOT_THERE = (404, 405, 501)


class Result(Struct):
    """What came of one run of a rule."""

    rule: Rule
    face: str
    upstream: str
    """The dialect of the suite's upstream; empty where the rule needs none."""
    verdict: Verdict
    why: str
    seconds: float
    seen: Seen

    @property
    def name(self) -> str:
        """The rule and, where it is judged for several, the dialects."""
        return ":".join([self.rule.id, self.face, *([self.upstream] if self.upstream else [])])


class Run(Struct, frozen=True):
    """One rule for one face and one upstream."""

    rule: Rule
    face: Face
    upstream: str


def runs(rules: Sequence[Rule], only: Sequence[str] = ()) -> list[Run]:
    """All runs of `rules`, or those that a word of `only` names: an id, its letter, a source (`P4`), a dialect."""
    wanted = [word.strip().lower() for words in only for word in words.split(",") if word.strip()]
    return [run for run in _all_runs(rules) if not wanted or any(_is_named(run, word) for word in wanted)]


def _all_runs(rules: Sequence[Rule]) -> Iterator[Run]:
    for rule in rules:
        for face in rule.faces:
            for upstream in rule.upstreams if rule.plays else ("",):
                yield Run(rule, FACES[face], upstream)


def _is_named(run: Run, word: str) -> bool:
    rule = run.rule
    names = [rule.id, rule.id[:1], run.face.name, *rule.source.replace(",", " ").split()]
    full = ":".join([rule.id, run.face.name, run.upstream])
    return word in (name.lower() for name in names) or (":" in word and full.lower().startswith(word))


class Suite:
    """Runs rules against `target`; `upstream` is None where the user did not give it a port."""

    def __init__(self, target: Target, upstream: Upstream | None, jobs: int = 8) -> None:
        self._target, self._upstream = target, upstream
        self._places = asyncio.Semaphore(jobs)
        self._absent: dict[str, str] = {}
        """Faces the gateway has not, and why that is thought."""
        self._apart: dict[str, str] = {}
        """Dialects of the upstream that cannot be reached, and why."""

    async def look(self) -> None:
        """Find out what there is. Raises `Unreachable` where nobody listens."""
        for face in FACES.values():
            await self._look_for(face)
        for dialect, speech in UPSTREAMS.items():
            self._apart[dialect] = await self._reach(dialect, speech.title)

    async def _look_for(self, face: Face) -> None:
        wire = self._target.wire(face, Ask(body={}), "", self._target.model)
        answer = await send(wire, LOOK_SECONDS)
        if answer.ended == "nothing":
            remedy = "Is the gateway running, and is --base-url right?"
            raise Unreachable(f"{wire.url} gave no answer ({answer.why}).", remedy=remedy)
        error = face.read(answer).error
        if answer.status in NOT_THERE and "model" not in (error.message.lower() if error else ""):
            self._absent[face.name] = f"POST {wire.url} answers {answer.status}"

    async def _reach(self, dialect: str, title: str) -> str:
        """Why the suite's upstream cannot be reached with this dialect; empty if it can."""
        if self._upstream is None:
            return "needs --upstream, and a provider of the gateway that points there"
        if dialect not in self._target.models:
            return f"no model was named whose provider speaks {title} to the suite's upstream"
        face = next((face for name, face in FACES.items() if name not in self._absent), None)
        if face is None:
            return "the gateway offers no dialect the suite speaks"
        line = self._upstream.open("look", ())
        model = self._target.models[dialect]
        answer = await send(self._target.wire(face, Want(stream=False), line.mark, model), LOOK_SECONDS)
        self._upstream.close(line)
        if not line.received:
            said = face.read(answer)
            words = said.error.message if said.error else answer.why or "an answer from somewhere else"
            where = f"'{model}' does not lead to the suite's upstream at {self._upstream.url}"
            return f"{where}: {answer.status}, {words[:200]}"
        asked = line.received[0].path.partition("?")[0]
        if not UPSTREAMS[dialect].serves(asked):
            return f"'{model}' speaks another dialect to the upstream than {title}: it asks {asked}"
        return ""

    async def run(self, chosen: Sequence[Run], tell: Callable[[Result], None] = lambda result: None) -> list[Result]:
        """The results, in the order of `chosen`; `tell` hears of each as soon as it is there. Slow ones start first."""
        results: dict[int, Result] = {}

        async def one(number: int, run: Run) -> None:
            results[number] = await self._one(run)
            tell(results[number])

        async with asyncio.TaskGroup() as group:
            for number, run in sorted(enumerate(chosen), key=lambda each: -each[1].rule.seconds):
                group.create_task(one(number, run))
        return [results[number] for number in range(len(chosen))]

    async def _one(self, run: Run) -> Result:
        rule, face = run.rule, run.face.name
        model = self._target.models.get(run.upstream, self._target.model)
        token = self._target.token
        seen = Seen(model, run.upstream, token or TOKEN, token_given=bool(token))
        result = Result(rule, face, run.upstream, "pass", "", 0.0, seen)
        if face in self._absent:
            result.verdict, result.why = "not offered", self._absent[face]
        elif run.upstream and self._apart[run.upstream]:
            result.verdict, result.why = "not testable", self._apart[run.upstream]
        else:
            async with self._places:
                began = time.monotonic()
                await self._judge(run, seen, result)
                result.seconds = time.monotonic() - began
        return result

    async def _judge(self, run: Run, seen: Seen, result: Result) -> None:
        try:
            await self._play(run, seen)
            _check_dialect(run, seen)
            run.rule.judge(seen)
        except Finding as finding:
            result.verdict, result.why = finding.verdict, str(finding)
        except Exception as error:  # a judgement that an answer breaks must not end the suite
            result.verdict, result.why = "fail", f"the answer could not be judged: {type(error).__name__}: {error}"
        if result.verdict == "fail" and run.rule.optional:
            result.verdict = "not offered"

    async def _play(self, run: Run, seen: Seen) -> None:
        rule = run.rule
        line = self._upstream.open(rule.id, rule.plays) if self._upstream else Line(rule.id, ())
        ends = time.monotonic() + rule.seconds
        try:
            if rule.together:
                asks = [ask for ask in rule.asks if isinstance(ask, Ask | Want)]
                exchanges = await asyncio.gather(*(self._send(run, ask, line, seen.model, ends) for ask in asks))
                seen.exchanges += exchanges
                return
            for ask in rule.asks:
                request = ask if isinstance(ask, Ask | Want) else ask(seen.exchanges)
                seen.exchanges.append(await self._send(run, request, line, seen.model, ends))
        finally:
            if self._upstream:
                self._upstream.close(line)

    async def _send(self, run: Run, request: Request, line: Line, model: str, ends: float) -> Exchange:
        before = len(line.received)
        wire = self._target.wire(run.face, request, line.mark, model)
        answer = await send(wire, max(0.1, ends - time.monotonic()))
        exchange = Exchange(wire.content, answer, run.face.read, streams(request))
        exchange.upstream = line.received[before:]
        if wire.leave_after is not None:
            await _watch(exchange, line, before)
        return exchange


def _check_dialect(run: Run, seen: Seen) -> None:
    """Some gateways speak to a provider what their client speaks to them. Raises `NotTestable`."""
    if not run.upstream:
        return
    speech = UPSTREAMS[run.upstream]
    for path in (received.path.partition("?")[0] for exchange in seen for received in exchange.upstream):
        if not speech.serves(path):
            raise NotTestable(f"for this client it speaks another dialect to the upstream than {speech.title}: {path}")


async def _watch(exchange: Exchange, line: Line, before: int) -> None:
    """After the client left: what becomes of the upstream's work, and what else is asked of it."""
    try:
        async with asyncio.timeout(LEAVE_SECONDS):
            for received in line.received[before:]:
                await received.over.wait()
    except TimeoutError:
        pass
    await asyncio.sleep(SETTLE_SECONDS)
    exchange.upstream = line.received[before:]
