"""`landbridge <command>`: finds the command, runs it, turns every error into one sentence and an exit code.

Rule: `--help` and `--version` import nothing but this module; a command imports its own parts when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import __version__

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("landbridge.cli.serve:serve", "Run the router, the OpenAI endpoint and the dashboard."),
    "dashboard": ("landbridge.cli.dashboard:dashboard", "Print where the dashboard is, with a link that signs in."),
    "app": ("landbridge.cli.app_window:app", "Show the dashboard in a window of its own."),
    "launch": ("landbridge.cli.launch:launch", "Start a client tool on a model of yours, for example Claude Code."),
    "warm": ("landbridge.cli.warm:warm", "Let a local model read a client's prompt and tools in advance."),
    "models": ("landbridge.cli.models:models", "Find, fetch, list and remove local models."),
    "ps": ("landbridge.cli.engines:ps", "Show the models in memory."),
    "load": ("landbridge.cli.engines:load", "Load a model now."),
    "unload": ("landbridge.cli.engines:unload", "Unload a model."),
    "pin": ("landbridge.cli.engines:pin", "Let a model stay in memory."),
    "unpin": ("landbridge.cli.engines:unpin", "Let it go again."),
    "providers": ("landbridge.cli.providers:providers", "Add, list, try and remove providers."),
    "route": ("landbridge.cli.route:route", "Say where a model's name leads, and why."),
    "keys": ("landbridge.cli.keys:keys", "Give keys to people and programs."),
    "usage": ("landbridge.cli.usage:usage", "Show what was used, and what it cost."),
    "config": ("landbridge.cli.config:config", "Show, check and change the settings; have older ones back."),
    "logs": ("landbridge.cli.logs:logs", "Look through exchanges: list, follow, show, replay, export."),
    "import": ("landbridge.cli.import_settings:import_settings", "Take over the settings of another router."),
    "doctor": ("landbridge.cli.doctor:doctor", "Look for what is wrong, and say what to do."),
    "conformance": ("landbridge.cli.conformance:conformance", "Judge a gateway by the rules its clients need."),
    "completion": ("landbridge.cli.completion:completion", "Print a completion script for bash, zsh or fish."),
}
"""Name -> where it is, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (by default the process's own) and give its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("--help", "-h", "help"):
        print(overview())
        return 0
    if words[0] in ("--version", "-V"):
        print(f"landbridge {__version__}")
        return 0
    return _guarded(words)


def overview() -> str:
    """The page of `landbridge --help`."""
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items())
    return (
        f"landbridge {__version__}: any model behind Claude Code and every other client.\n\n"
        f"Usage: landbridge COMMAND [OPTIONS]\n\nCommands:\n{lines}\n\n"
        "'landbridge COMMAND --help' shows a command's options. All take --config FILE and --data-dir DIR\n"
        "(or LANDBRIDGE_CONFIG and LANDBRIDGE_DATA_DIR).\n"
        "Exit codes: 0 done, 1 failure, 2 usage or settings, 3 could not start."
    )


def application() -> App:
    """The commands as a Cyclopts application; each is imported when it is asked for."""
    from cyclopts import App, Parameter

    quiet = Parameter(show_default=False)  # the texts say what happens without an option
    app = App(name="landbridge", version=__version__, result_action="return_value", default_parameter=quiet)
    for name, (where, summary) in COMMANDS.items():
        app.command(where, name=name, help=summary)
    return app


def _guarded(words: list[str]) -> int:
    from . import show

    try:
        code = _run(words)
        sys.stdout.flush()  # here, and not when Python ends: a reader that has left is told here only
        return code
    except KeyboardInterrupt:
        return show.INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; stdout must not complain again when Python closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return show.FAILURE
    except Exception as error:
        return show.fail(error)


def _run(words: list[str]) -> int:
    from cyclopts import CycloptsError

    from . import show

    try:
        result = application()(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        asked = " ".join(["landbridge", *words[:1]])
        show.say(f"{_sentence(error)} '{asked} --help' shows what there is.")
        return show.USAGE
    return result if isinstance(result, int) else 0


def _sentence(error: Exception) -> str:
    # Errors about values are made of several lines; the first says it.
    text = str(error).strip().splitlines()[0]
    return text if text.endswith((".", "?", "!")) else f"{text}."
