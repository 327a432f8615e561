"""What a model can do -> the command line aider needs to work on it.

Options outrank the user's `.aider.conf.yml` and the `.env` of the project, which outrank variables (measured with
0.86.2). The window stands in a file of model metadata, which is read beside the user's own.
"""

from __future__ import annotations

from . import jsonc
from .facts import PATIENCE, TOKEN, ModelFacts, gives, left_to_user, other_model, output_limit, past_the_proxy, tight
from .session import Session, Setup

METADATA = "models.json"
FIRST_REQUEST = 2_900
"""Bytes, with 0.86.2 and without files; a map of the repository and each file come on top."""


def setup(session: Session) -> Setup:
    """What one process of aider needs."""
    facts, args = session.facts, session.args
    notes = tight(facts, "aider", FIRST_REQUEST)
    if gives(args, "--model"):
        notes.append(other_model(facts))
    if facts.window is None:
        notes.append(f"Nobody says how large the window of {facts.name} is: aider will not say when it is full.")
    model = f"openai/{facts.name}"
    options = {"--model": model, "--weak-model": model, "--editor-model": model}
    options |= {"--openai-api-base": f"{session.router}/v1"}
    key: dict[str, str] = {}
    if session.token == TOKEN:
        options["--openai-api-key"] = TOKEN
    else:  # others on this machine can read a command line
        key["AIDER_OPENAI_API_KEY"] = session.token
    options |= {"--model-metadata-file": f"{session.folder}/{METADATA}"}
    added = [word for name, value in options.items() if not gives(args, name) for word in (name, value)]
    return Setup(
        variables=left_to_user(_tuning(), session.env) | past_the_proxy(session.router, session.env) | key,
        arguments=(*added, *args),
        notes=tuple(notes),
        files={METADATA: jsonc.write({model: metadata(facts)})},
    )


def metadata(facts: ModelFacts) -> jsonc.Json:
    """What aider is told about the model."""
    known: jsonc.Json = {"litellm_provider": "openai", "mode": "chat"}
    known |= {"input_cost_per_token": 0, "output_cost_per_token": 0}
    if facts.window is not None:
        known["max_input_tokens"] = facts.window
    if (limit := output_limit(facts)) is not None:
        known |= {"max_tokens": limit, "max_output_tokens": limit}
    return known


def _tuning() -> dict[str, str]:
    return {
        "AIDER_TIMEOUT": str(PATIENCE),
        "AIDER_ANALYTICS": "false",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else a price list is fetched at each start
    }
