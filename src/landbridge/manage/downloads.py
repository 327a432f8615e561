"""Downloads that run in the router, a thread each: begun, paused, taken up again, given up.

Those that are not done stand in a file, so that they go on after a restart of the router, whatever ended it. What has
come lies where `landbridge models pull` would go on from; a model is in the library only when it is whole.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import ConfigFault, GatewayError, UnknownModel, Unreachable
from .download import Download, Job, Kept, Stopped, shown, told
from .pull import check_sum, meant, pull

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.library import Library
    from ..engines.sources import Progress

log = logging.getLogger("landbridge.downloads")

DONE = 20
"""Downloads that are done and still told of."""
ENDS_WITHIN = 3.0
"""Seconds that threads get when the router ends; what has come is on the disk anyway."""


class Downloads:
    """Of one router; what is asked may come from any thread. `file` has those that are not done."""

    def __init__(self, library: Library, config: Callable[[], Config], file: Path) -> None:
        self._library, self._config, self._file = library, config, file
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._closing = False

    def start(self) -> None:
        """Take up what was not done when the router ended."""
        try:
            known = msgspec.json.decode(self._file.read_bytes(), type=list[Kept])
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError) as error:
            log.warning("the downloads of before are not known: %s", error)
            return
        with self._lock:
            for kept in known:
                job = self._jobs[kept.name] = Job(kept)
                job.done = self._library.interrupted().get(kept.name, 0)
                if kept.wish == "run":
                    self._run(job)
                elif kept.wish == "cancel":
                    self._drop(job)

    def close(self) -> None:
        """Stop all of them; the next start takes them up again."""
        with self._lock:
            self._closing = True
            threads = [job.thread for job in self._jobs.values() if job.thread is not None]
            for job in self._jobs.values():
                job.stop.set()
        until = time.monotonic() + ENDS_WITHIN
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def all(self) -> list[Download]:
        """All of them, in the order in which they were begun."""
        with self._lock:
            return [told(job) for job in self._jobs.values()]

    def begin(self, wanted: str, name: str = "", sha256: str = "") -> Download:
        """Fetch a model of the catalogue, or of any source. Raises `ConfigFault` for what is none."""
        from ..engines.catalog import catalog
        from ..engines.intake import check_source
        from ..engines.manifest import check_name

        source, own = meant(wanted.strip(), self._config())
        check_sum(sha256)
        if source not in catalog():
            check_source(source)
        name = name or own or self._library.name_for(source)
        check_name(name)
        with self._lock:
            job = self._jobs.get(name)
            if job is not None and not job.whole and job.kept.source != source:
                raise ConfigFault(
                    f"'{name}' is being fetched from {shown(job.kept.source)}.",
                    remedy="Choose another name, or give that download up first.",
                )
            if job is None or job.whole:
                self._jobs.pop(name, None)
                job = self._jobs[name] = Job(Kept(source, name, sha256))
            return self._go_on(job)

    def resume(self, name: str) -> Download:
        """Go on with one. Raises `UnknownModel`."""
        with self._lock:
            job = self._job(name)
            return told(job) if job.whole else self._go_on(job)

    def pause(self, name: str) -> Download:
        """Stop one for now. Raises `UnknownModel`."""
        with self._lock:
            job = self._job(name)
            if job.thread is not None:
                job.kept.wish = "pause"
                job.stop.set()
                self._save()
            return told(job)

    def cancel(self, name: str) -> Download:
        """Give one up, and throw away what has come; forget one that is done. Raises `UnknownModel`."""
        with self._lock:
            job = self._job(name)
            job.kept.wish = "cancel"
            job.stop.set()
            if job.thread is None:
                self._drop(job)
            self._save()
            return told(job)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _job(self, name: str) -> Job:
        try:
            return self._jobs[name]
        except KeyError:
            raise UnknownModel(f"Nothing is being fetched under the name '{name}'.") from None

    def _go_on(self, job: Job) -> Download:
        job.kept.wish, job.kept.fault = "run", ""
        if job.thread is None:
            self._run(job)
        self._save()  # a thread that is stopping sees that it shall not
        return told(job)

    def _run(self, job: Job) -> None:
        job.stop.clear()
        job.pace.begin()
        job.note = job.waits = ""
        job.thread = threading.Thread(target=self._fetch, args=(job,), name=f"download {job.kept.name}", daemon=True)
        job.thread.start()

    def _fetch(self, job: Job) -> None:
        """The thread: until it is done, or has failed, or shall stop."""
        again = True
        while again:
            fault, whole = "", False
            try:
                report, broken = partial(self._report, job), partial(self._broken, job)
                kept = job.kept
                pull(self._library, self._exact(kept.source), report, broken, name=kept.name, sha256=kept.sha256)
                whole = True
            except Stopped:
                pass
            except GatewayError as error:
                fault = error.text
            except Exception as error:
                log.exception("the download of %s failed", job.kept.name)
                fault = f"It failed ({type(error).__name__}: {error}). The router's log has the details."
            with self._lock:
                again = self._ended(job, fault, whole)

    def _ended(self, job: Job, fault: str, whole: bool) -> bool:
        """What becomes of it; whether it goes on at once."""
        kept = job.kept
        job.waits = ""
        if not (whole or fault or self._closing) and kept.wish == "run":  # somebody thought better of it
            job.stop.clear()
            job.pace.begin()
            return True
        job.thread = None
        if whole:
            job.whole, job.note = True, ""
            job.done = job.total or job.done
            self._prune()
            log.info("%s is there", kept.name)
        elif kept.wish == "cancel":
            self._drop(job)
        elif fault:
            kept.fault, kept.wish = fault, "pause"
            log.warning("%s was not fetched: %s", kept.name, fault)
        self._save()
        return False

    def _exact(self, source: str) -> str:
        """The source with the quantisation that was begun or is usual, where it names none."""
        from .quantisations import offer, settled, usual

        if settled(source, self._library):
            return source
        return usual(offer(source, self._library, self._config())).source

    def _report(self, job: Job, progress: Progress) -> None:
        if job.stop.is_set():
            raise Stopped
        with self._lock:
            if progress.note.startswith("checking") and not job.note.startswith("checking"):
                job.pace.begin()
            job.done, job.total, job.note = progress.done, progress.total, progress.note
            job.pace.mark(time.monotonic(), progress.done)

    def _broken(self, job: Job, fault: Unreachable, pause: float) -> None:
        job.waits = fault.message
        if job.stop.wait(pause):
            raise Stopped
        job.waits = ""

    def _drop(self, job: Job) -> None:
        self._jobs.pop(job.kept.name, None)
        if not job.whole:
            with suppress(GatewayError):  # another process fetches it, too
                self._library.forget(job.kept.name)

    def _prune(self) -> None:
        whole = [name for name, job in self._jobs.items() if job.whole]
        for name in whole[:-DONE]:
            del self._jobs[name]

    def _save(self) -> None:
        kept = [job.kept for job in self._jobs.values() if not job.whole]
        draft = self._file.with_suffix(".draft")
        try:
            if not kept:
                self._file.unlink(missing_ok=True)
                return
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(msgspec.json.encode(kept))
            draft.replace(self._file)
        except OSError as error:
            log.warning("what is being fetched is forgotten when the router ends: %s", error)
