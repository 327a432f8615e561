"""The page of the conformance suite's rules, made from their tables."""

from __future__ import annotations

from collections.abc import Sequence

from landbridge.conformance.faces import FACES
from landbridge.conformance.rule import Rule
from landbridge.conformance.rules import SECTIONS
from landbridge.conformance.sources import NAMES, REPORTS
from landbridge.conformance.upstreams import UPSTREAMS
from tests.redoc_table import table

HEAD = """# The rules of conformance

What [landbridge conformance](conformance.md) judges. Behind each rule stands a defect that users reported of gateways
and local servers (`P4`, [below](#reports)), or [somebody who asks for it](#others). Of rules marked "opt." nobody
promised to keep them: a gateway that does not do it does not offer it. "Client" is the dialect of the request,
"upstream" that of the suite's upstream behind the gateway; a rule without one needs none.
"""


def rules_page() -> str:
    """Everything between the heading and the end."""
    parts = [HEAD, *(_section(letter, title, rules) for letter, (title, rules) in SECTIONS.items())]
    reports = table(["", "reported in"], ([f"P{number}", text] for number, text in REPORTS.items()))
    others = table(["", "is"], ([name, text] for name, text in NAMES.items()))
    return "\n".join([*parts, f"## Reports\n\n{reports}", f"## Others\n\n{others}"])


def _section(letter: str, title: str, rules: Sequence[Rule]) -> str:
    rows = (
        [rule.id, rule.title + (" (opt.)" if rule.optional else ""), *_dialects(rule), rule.source] for rule in rules
    )
    return f"## {letter}. {title}\n\n{table(['', 'rule', 'client', 'upstream', 'source'], rows)}"


def _dialects(rule: Rule) -> tuple[str, str]:
    upstreams = rule.upstreams if rule.plays else ()
    return ", ".join(FACES[each].title for each in rule.faces), ", ".join(UPSTREAMS[each].title for each in upstreams)
