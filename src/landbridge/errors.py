"""Every error landbridge raises, one base per decision a caller can take.

    GatewayError
    +-- ClientFault            the request cannot be served as it is; do not retry it unchanged
    |   +-- BadRequest         400  not JSON, wrong shape, a field with an impossible value
    |   +-- TooLong            400  prompt and answer do not fit the model's window
    |   +-- TooLarge           413  the body is over the size limit
    |   +-- Unauthorized       401  a landbridge key is needed or wrong (never: the provider's key)
    |   +-- Forbidden          403  this key may not do that
    |   +-- UnknownModel       404  no model of that name
    |   +-- UnknownPath        404  no such endpoint
    |   +-- RateLimited        429  too many requests at landbridge, or no room in an engine's queue
    |   +-- BudgetSpent        402  this key has spent its money
    +-- ProviderFault          the provider answered with an error, or not at all
    |   +-- Refused            the provider said no (its status is kept where the client can use it)
    |   +-- ProviderLimit      429  the provider's own rate limit
    |   +-- Overloaded         529  the provider is overloaded
    |   +-- Unreachable        502  no connection
    |   +-- TimedOut           504  connected, but silent for too long
    |   +-- Cut                502  the answer broke off
    |   +-- Garbled            502  the answer is not what the protocol says
    +-- EngineFault            the local model runtime failed
    |   +-- EngineMissing      500  no engine is installed that can run this
    |   +-- ModelUnusable      500  the model file is missing, empty, truncated or not GGUF
    |   +-- StartFailed        503  the engine did not become ready
    |   +-- Crashed            502  the engine ended while it worked
    |   +-- NoMemory           503  the model does not fit
    +-- ConfigFault            the settings file, a flag or an environment variable is wrong
    +-- StoreFault        503  the ledger's database cannot be used

An error is raised anywhere and turned into bytes only by `wire/<dialect>/errors.py`. The message says what is wrong;
`remedy` says what to do about it; `origin` says who spoke (`landbridge`, `engine:<model>` or `provider:<name>`).
"""

from __future__ import annotations

from typing import ClassVar, Self


class GatewayError(Exception):
    """Base of all errors. `message` is written for the person who reads it in a client's terminal."""

    kind: ClassVar[str] = "internal"
    """Stable name of the kind, used in logs, metrics and the troubleshooting page."""
    default_status: ClassVar[int] = 500
    default_retryable: ClassVar[bool] = False
    advice: ClassVar[str] = "Try again. If it stays it is a defect of landbridge: the router's log has the details."
    """What to do about it in general, for the manual; `remedy` says it for the case at hand."""

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        origin: str = "landbridge",
        status: int | None = None,
        retry_after: float | None = None,
        code: str = "",
        param: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.origin = origin
        self.status = self.default_status if status is None else status
        self.retry_after = retry_after
        """Seconds the client is asked to wait, if anybody said so."""
        self.code = code
        """The provider's own word for the error (`context_length_exceeded`), where it gave one."""
        self.param = param
        """Path of the request's field that is at fault, where that is known."""

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed on another target or later."""
        return self.default_retryable

    @property
    def text(self) -> str:
        """Message and remedy as one paragraph."""
        return f"{self.message} {self.remedy}".strip()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self.message, self.status))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, status={self.status}, origin={self.origin!r})"


class ClientFault(GatewayError):
    """The request cannot be served as it is."""

    kind = "bad_request"
    default_status = 400
    advice = "The message names the field. A newer client may help, if a client tool sent it."


class BadRequest(ClientFault):
    """Not JSON, the wrong shape, or a value that cannot be meant."""

    @classmethod
    def at(cls, field: str, words: str, *, remedy: str = "") -> Self:
        """What is wrong at `field` (`messages[2].content`). The words follow its path: " is missing."."""
        return cls(field + words, remedy=remedy, param=field)


class TooLong(ClientFault):
    """Prompt (and answer) do not fit the window. Claude Code compacts when it reads this wording (CLIENTS.md 9)."""

    kind = "too_long"
    advice = "Claude Code compacts by itself. Else send less, or raise `context`, or take a model with a larger window."

    def __init__(
        self, prompt_tokens: int | None, limit: int | None, *, origin: str = "landbridge", remedy: str = ""
    ) -> None:
        self.prompt_tokens, self.limit = prompt_tokens, limit
        if prompt_tokens is None or limit is None:
            message = "prompt is too long: it does not fit the model's context window."
        else:
            message = f"prompt is too long: {prompt_tokens} tokens > {limit} maximum"
        super().__init__(message, origin=origin, remedy=remedy, code="context_length_exceeded")


class TooLarge(ClientFault):
    """The body is over the size limit."""

    kind = "too_large"
    default_status = 413
    advice = "Send less, or raise `server.max_body`."


class Unauthorized(ClientFault):
    """A landbridge key is missing or wrong. Clients retry a 401 for minutes, so nothing else may use it."""

    kind = "unauthorized"
    default_status = 401
    advice = "Send a key of landbridge's own. It never means a provider's key."


class Forbidden(ClientFault):
    """The caller may not do that, or the provider's key was refused."""

    kind = "forbidden"
    default_status = 403
    advice = "`landbridge providers test NAME` says more, `providers key NAME` replaces it. May it use this model?"


class UnknownModel(ClientFault):
    """No model of that name."""

    kind = "unknown_model"
    default_status = 404
    advice = "Use a name from the message or add one: `landbridge models pull NAME`, `[providers.NAME]`, an alias."


class UnknownPath(ClientFault):
    """No such endpoint."""

    kind = "unknown_path"
    default_status = 404
    advice = "Check the client's base URL: it ends in `/anthropic` for Anthropic's clients, in `/v1` for OpenAI's."

    def __init__(self, message: str, *, remedy: str = "", allow: str = "") -> None:
        super().__init__(message, remedy=remedy, status=405 if allow else None)
        self.allow = allow
        """The methods the path takes, where only the method was wrong (405)."""


class RateLimited(ClientFault):
    """Too many requests for landbridge itself, or a full engine queue."""

    kind = "rate_limited"
    default_status = 429
    default_retryable = True
    advice = "Wait as long as `retry-after` says. `engine.max_queue` is how many may wait for one model."


class BudgetSpent(ClientFault):
    """The key's budget is spent. Not 429: clients would try again for minutes, and money does not come back by that."""

    kind = "budget_spent"
    default_status = 402
    advice = "Raise the key's budget (`landbridge keys change NAME --budget DOLLARS`), or wait for its next period."


class ProviderFault(GatewayError):
    """The provider answered with an error, or not at all."""

    kind = "provider"
    default_status = 502
    default_retryable = True
    advice = "Try again. If it stays, the provider has a fault of its own; its words are in the message."


class Refused(ProviderFault):
    """The provider refused this request; the same request will be refused again."""

    kind = "provider_refused"
    default_status = 400
    default_retryable = False
    advice = "The provider's words are in the message. The same request will be refused again."


class ProviderLimit(ProviderFault):
    """The provider's rate limit or quota."""

    kind = "provider_limit"
    default_status = 429
    advice = "Wait as long as `retry-after` says, or raise the limit at the provider (plan, billing)."


class Overloaded(ProviderFault):
    """The provider says it is overloaded."""

    kind = "overloaded"
    default_status = 529
    advice = "Wait, or use another model."


class Unreachable(ProviderFault):
    """No connection: refused, no such host, TLS failed."""

    kind = "unreachable"
    advice = "Does it run, and is `base_url` right? Check the network, the certificate and any proxy."


class TimedOut(ProviderFault):
    """Connected, but silent for too long."""

    kind = "timed_out"
    default_status = 504
    advice = "Try again. A provider that is always slow: raise its `idle_timeout` (or `connect_timeout`)."


class Cut(ProviderFault):
    """The answer broke off before its end."""

    kind = "cut"
    advice = "Send the request again. An answer that broke off never ends like a whole one."


class Garbled(ProviderFault):
    """The answer is not what the protocol says (HTML, not JSON, an impossible event)."""

    kind = "garbled"
    advice = "Check `base_url`: something else answers there, often a proxy with a web page."


class EngineFault(GatewayError):
    """The local model runtime failed."""

    kind = "engine"
    default_retryable = True
    advice = "Try again. The router's log has the engine's own words."


class EngineMissing(EngineFault):
    """No engine is installed that can run this."""

    kind = "engine_missing"
    default_retryable = False
    advice = "Install again (`scripts/install`), or name a `llama-server` in `engine.command`."


class ModelUnusable(EngineFault):
    """The model file is missing, empty, truncated or not GGUF."""

    kind = "model_unusable"
    default_retryable = False
    advice = "Fetch it again: `landbridge models rm NAME`, then `landbridge models pull NAME`."


class StartFailed(EngineFault):
    """The engine did not become ready."""

    kind = "start_failed"
    default_status = 503
    advice = "The router's log has the engine's last words. A large model may need more `engine.start_timeout`."


class Crashed(EngineFault):
    """The engine ended while it worked."""

    kind = "crashed"
    default_status = 502
    advice = "Try again: it is restarted up to `engine.max_restarts` times. Then the router's log says why."


class NoMemory(EngineFault):
    """The model does not fit into memory."""

    kind = "no_memory"
    default_status = 503
    advice = "Take a smaller model or a smaller `context`, or close other programs."


class ConfigFault(GatewayError):
    """The settings file, a flag or an environment variable is wrong. Exit code 2 on the command line."""

    kind = "config"
    advice = "The message names the place and the key. On the command line the exit code is 2."


class StoreFault(GatewayError):
    """The ledger's database cannot be used: not there, full, damaged, or of a newer landbridge."""

    kind = "store"
    default_status = 503
    default_retryable = True
    advice = "The message names the database. Requests go on without it; what cannot be written is counted and shown."
