"""One router has one data folder: a second one would write into the same files and stop the same engines."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path

from ..errors import ConfigFault

log = logging.getLogger("landbridge.store")

FILE = "router.lock"


class Owner:
    """Holds a data folder until the process ends, however it ends. The file says which process that is."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._file: int | None = None

    def claim(self) -> None:
        """Take the folder. Raises `ConfigFault` where another router has it."""
        path = self._data_dir / FILE
        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            log.warning("%s cannot be written (%s); nothing of this run is kept there", self._data_dir, error.strerror)
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.read(file, 20).decode("ascii", "replace").strip()
            os.close(file)
            raise ConfigFault(
                f"The data folder {self._data_dir} is in use by another router{f' (process {who})' if who else ''}.",
                remedy="Stop that one, or give this one a folder of its own with --data-dir.",
            ) from None
        except OSError as error:  # some network file systems have no locks
            log.warning("%s cannot be locked (%s); let only one router use it", path, error.strerror)
        os.ftruncate(file, 0)
        os.pwrite(file, b"%d\n" % os.getpid(), 0)
        self._file = file

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None
