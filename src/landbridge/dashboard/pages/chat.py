"""Chat: talk to any model, or to two side by side."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakKeyDictionary

from nicegui import ui

from ...server.admin import Engines
from ...server.admin_conversations import Happened
from ...server.onlookers import RUNNING, Running
from ...store.conversation import Answer, File, Turn
from ..desk import Desk
from ..parts.faults import complain, empty, fault_card
from ..router import RouterFault
from ..talks import talks_of
from ..words import _
from .chat_composer import Composer, Draft
from .chat_list import ConversationList
from .chat_models import PATH, Choice, Models, most_tokens
from .chat_progress import doing
from .chat_thread import Doings, Thread

_drafts: WeakKeyDictionary[Desk, dict[str, Draft]] = WeakKeyDictionary()
"""By tab and conversation, so that a draft is there again when its page is."""
NEW = ""


class Room(ui.element, component=Path(__file__).parents[1] / "static" / "chat.js"):
    """The whole page, with what the browser does by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.props["copyLabel"], self.props["copiedLabel"] = _("Copy"), _("Copied")
        self.props["codeLabel"] = _("Code")

    async def painted(self) -> object:
        """Wait until the browser has drawn what it was sent. Raises `TimeoutError` where it does not."""
        return await self.run_method("painted", timeout=3)


async def build(desk: Desk, id: str) -> None:
    """Build the page, with the conversation `id` open where there is one."""
    ui.add_head_html('<link rel="stylesheet" href="/static/chat.css">')
    page = ChatPage(desk, (await desk.router.get(PATH, Models, limit="1000")))
    await page.start(id)


class ChatPage:
    """Of one tab."""

    def __init__(self, desk: Desk, models: Models) -> None:
        self._desk, self._models = desk, models.data
        self._talks = talks_of(desk.router)
        self._talk = self._talks.begin()
        self._thread: Thread | None = None
        self._last: list[str] = []
        self._engines = Engines([])
        self._running = Running([], 0)
        drafts = _drafts.setdefault(desk, {})
        with Room() as self._room:
            with ui.element("aside").classes("lb-chat-list") as self._aside:
                self._list = ConversationList(desk.router, self.open)
            with ui.element("div").classes("lb-chat-main"):
                self._build_bar()
                with (
                    ui.element("div")
                    .classes("lb-chat-scroll")
                    .props(f'tabindex="0" role="log" aria-label="{_("Conversation")}"')
                ):
                    self._place = ui.element("div").classes("lb-chat-inner")
                with ui.element("div").classes("lb-chat-below"):
                    with ui.element("button").classes("lb-chat-end").props('type="button" hidden'):
                        ui.icon("arrow_downward").props('aria-hidden="true"')
                        ui.label(_("To the end"))
                    self._fault = ui.element("div")
                    self._composer = Composer(drafts.setdefault(NEW, Draft()), self._send, lambda: self._talk.stop())
                    ui.label(_("Enter sends, Shift+Enter breaks the line, Escape stops.")).classes(
                        "lb-muted lb-small lb-chat-hint"
                    )
        self._room.props["uploader"] = self._composer.files.uploader.id
        self._room.on("escape", lambda: self._talk.stop())
        with self._room:
            desk.live.follow("conversations", Happened, self._heard)
            desk.live.follow("engines", Engines, self._take_engines)
            desk.live.follow(RUNNING, Running, self._take_running)

    def _build_bar(self) -> None:
        with ui.element("div").classes("lb-chat-bar"):
            ui.button(icon="forum", on_click=lambda: self._aside.classes(toggle="lb-open")).props(
                f'flat round dense aria-label="{_("Conversations")}"'
            ).classes("lb-chat-narrow")
            self._choice = Choice(self._models, self._chosen)
            ui.button(icon="add", on_click=lambda: self.open("")).props(
                f'flat round dense aria-label="{_("New chat")}"'
            ).classes("lb-chat-narrow")

    async def start(self, id: str) -> None:
        """Show the conversation that is asked for, and the list."""
        await self.open(id, first=True)
        try:
            newest = await self._list.load()
        except RouterFault as fault:
            with self._fault:
                fault_card(_("Conversations cannot be kept: {why}", why=fault.message))
            return
        self._last = newest.model.split(", ") if newest is not None else []
        if self._last and not self._talk.said.turns:
            self._choice.take(self._last, self._talk.said.parameters)

    async def open(self, id: str, *, first: bool = False) -> None:
        """Open a conversation; a new one where `id` is empty."""
        try:
            talk = await self._talks.open(id) if id else self._talks.begin()
        except RouterFault as fault:
            complain(fault.message)
            id, talk, first = "", self._talks.begin(), False
        self._aside.classes(remove="lb-open")
        if not id and self._talk.said.models:
            self._last = self._talk.said.models
        self._talk = talk
        self._list.mark(id)
        if not first:
            ui.navigate.history.push(f"/chat/{id}" if id else "/chat")
        self._choice.take(talk.said.models or self._last, talk.said.parameters)
        self._composer.take(_drafts[self._desk].setdefault(id, Draft()))
        self._show()

    def _show(self) -> None:
        if self._thread is not None:
            self._thread.close()
        if self._watch in self._talk.watchers:
            self._talk.watchers.remove(self._watch)
        self._place.clear()
        self._thread = None
        with self._place:
            if not self._talk.said.turns:
                self._show_beginning()
            else:
                self._thread = Thread(self._talk, Doings(self._edit, self._again), self._room.painted)
        self._talk.watchers.append(self._watch)
        self._room.run_method("toEnd")
        self._watch(None, None)

    def _show_beginning(self) -> None:
        if self._models:
            empty("chat_bubble_outline", _("What would you like to know?"), _("Ask one model, or two side by side."))
            return
        with empty("memory", _("There is no model yet"), _("Get one that runs here, or add a provider.")):
            ui.button(_("Get a model"), on_click=lambda: ui.navigate.to("/models")).props("unelevated no-caps")
            ui.button(_("Add a provider"), on_click=lambda: ui.navigate.to("/cloud")).props("flat no-caps")

    # -- what the reader does ------------------------------------------------------------------------------------------

    def _send(self, text: str, files: list[File]) -> bool:
        models = self._choice.chosen
        if not models:
            complain(_("Choose a model first."))
            return False
        new = not self._talk.said.turns
        self._talk.said.parameters = self._choice.parameters
        self._talk.ask(text, files, models, self._most)
        if new:
            self._show()
            self._list.mark(self._talk.id)
            ui.navigate.history.replace(f"/chat/{self._talk.id}")
        self._room.run_method("toEnd")
        return True

    def _edit(self, turn: Turn, text: str) -> None:
        self._talk.said.parameters = self._choice.parameters
        self._talk.ask_instead(turn, text, list(turn.files), self._choice.chosen or ["?"], self._most)
        self._room.run_method("toEnd")

    def _again(self, turn: Turn, answer: Answer) -> None:
        chosen = self._choice.chosen
        model = chosen[answer.side] if answer.side < len(chosen) else answer.model
        self._talk.said.parameters = self._choice.parameters
        self._talk.answer_again(turn, answer.side, model, self._most(model))

    def _most(self, model: str) -> int:
        return most_tokens(self._models, model)

    def _chosen(self) -> None:
        self._talk.said.models, self._talk.said.parameters = self._choice.chosen, self._choice.parameters
        if self._talk.said.turns:
            self._talk.keep_soon()

    # -- what happens --------------------------------------------------------------------------------------------------

    def _watch(self, turn: Turn | None, answer: Answer | None) -> None:
        """The conversation has changed."""
        if self._room.is_deleted:
            self._talk.watchers.remove(self._watch)
            return
        with self._room:
            self._composer.busy(self._talk.busy)
            self._progress()
            if turn is None:
                self._fault.clear()
                if self._talk.fault:
                    with self._fault:
                        fault_card(
                            _("This conversation is not kept: {why}", why=self._talk.fault),
                            retry=self._talk.keep_soon,
                        )

    async def _heard(self, happened: Happened) -> None:
        self._list.hear(happened)
        mine = happened.id == self._talk.id
        await self._talks.hear(happened.id, happened.summary)
        if mine and happened.summary is None:
            complain(_("This conversation was deleted."))
            await self.open("")

    def _take_engines(self, engines: Engines) -> None:
        self._engines = engines
        self._progress()

    def _take_running(self, running: Running) -> None:
        self._running = running
        self._progress()

    def _progress(self) -> None:
        if self._thread is not None and self._talk.busy:
            self._thread.progress(doing(self._talk.id, self._engines, self._running))
