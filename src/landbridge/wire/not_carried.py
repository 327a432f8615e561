"""Fields of one dialect that mean nothing to another provider, so that leaving them out is no loss."""

from __future__ import annotations

NOT_CARRIED: dict[str, frozenset[str]] = {
    "anthropic": frozenset(
        {
            "anthropic_beta",  # names of betas in the body
            "betas",
            "container",
            "context_management",  # edits of Anthropic's own context (P46)
            "diagnostics",
            "inference_geo",
            "metadata",  # its user_id is `Request.user`
            "output_config",  # effort and format are neutral; the rest is Anthropic's
            "safeguards",  # a server-side verdict nobody else can give (CLIENTS.md 8)
            "service_tier",
            "speed",
            "thinking",
        }
    ),
    "landbridge": frozenset({"previous_response_id", "store"}),  # answered here; the response repeats them
    "openai_responses": frozenset(
        {
            "client_metadata",  # Codex tells OpenAI about itself
            "include",  # more of what only OpenAI gives
            "metadata",  # kept with the response, for whoever looks it up there
            "prompt_cache_key",  # it and the two who it is for are `Request.user`
            "prompt_cache_options",
            "prompt_cache_retention",
            "reasoning.summary",  # whether to show thinking is neutral; in how many words is not
            "safety_identifier",
            "service_tier",
            "store",
            "stream_options",  # padding against listeners
            "user",
        }
    ),
}
"""By dialect.

The same holds for cache markers, citation switches, `eager_input_streaming`, and for reasoning of earlier turns
where the target does not want it back.
"""
