"""`landbridge conformance`: what is run, what is printed, and the exit code."""

from __future__ import annotations

import json

import pytest

from landbridge.cli.conformance import Subject, place_of
from landbridge.errors import ConfigFault
from tests.cli.conftest import Home
from tests.fakes.router import FakeRouter

pytestmark = pytest.mark.io


def test_without_a_url_a_landbridge_of_its_own_is_judged(home: Home) -> None:
    done = home.run("conformance", "--only", "C4", "--only", "A1,B2")
    assert done.returncode == 0, done.stderr
    assert "pass          C4   message_start has an id" in done.stdout
    assert done.stdout.rstrip().endswith("3 pass, 0 fail, 0 not offered, 0 not testable")
    assert home.run("conformance", "--self", "--only", "A1").returncode == 0


def test_json_and_saved_exchanges(home: Home) -> None:
    done = home.run("conformance", "--only", "C2", "--json", "--save", "seen")
    data = json.loads(done.stdout)
    assert data["counts"]["pass"] == 4 and data["results"][0]["rule"] == "C2"
    saved = home.folder / "seen" / "C2-anthropic-openai_chat"
    assert "event: message_stop" in (saved / "04 answer.txt").read_text()
    assert "chat.completion.chunk" in (saved / "03 upstream answer.txt").read_text()


def test_one_rule_is_shown_with_what_went_over_the_wires(home: Home) -> None:
    done = home.run("conformance", "--show", "C4")
    assert (
        done.stdout.index("--- request") < done.stdout.index("--- upstream request") < done.stdout.index("--- answer")
    )


def test_a_broken_rule_is_exit_code_1(home: Home, router: FakeRouter) -> None:
    router.answer("/v1/messages/count_tokens?beta=true", 200, {"input_tokens": 5})
    asked = ("conformance", "--base-url", router.url, "--model", "smollm2")
    good = home.run(*asked, "--only", "A6,C4")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "pass          A6" in good.stdout
    assert "not testable  C4" in good.stdout and "needs --upstream" in good.stdout
    bad = home.run(*asked, "--only", "A11")
    assert bad.returncode == 1 and "fail          A11" in bad.stdout and "-> status 404" in bad.stdout


def test_the_rules_can_be_listed(home: Home) -> None:
    assert "C15  3,000 small records arrive (client)" in home.run("conformance", "--list").stdout
    listed = json.loads(home.run("conformance", "--list", "--json").stdout)
    assert {"id", "title", "source", "faces", "upstreams", "optional"} == set(listed[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--self", "--base-url", "http://127.0.0.1:1"], "exclude each other"),
        (["--base-url", "http://127.0.0.1:1"], "--model is missing"),
        (["--model", "m"], "--base-url is missing"),
        (["--only", "Z9"], "There is no rule Z9"),
        (["--upstream", "here"], "no HOST:PORT"),
    ],
)
def test_what_makes_no_sense_is_exit_code_2(home: Home, words: list[str], said: str) -> None:
    done = home.run("conformance", *words)
    assert done.returncode == 2 and said in done.stderr


def test_nobody_at_the_url_is_one_sentence(home: Home) -> None:
    done = home.run("conformance", "--base-url", "http://127.0.0.1:1", "--model", "m", "--only", "A1")
    assert done.returncode == 1 and "gave no answer" in done.stderr and "Traceback" not in done.stderr


def test_an_upstream_that_cannot_listen_is_exit_code_3(home: Home, router: FakeRouter) -> None:
    done = home.run("conformance", "--upstream", f"127.0.0.1:{router.port}", "--only", "C4")
    assert done.returncode == 3 and "cannot listen" in done.stderr


def test_places() -> None:
    assert place_of("127.0.0.1:9111") == ("127.0.0.1", 9111)
    assert place_of("9111") == ("127.0.0.1", 9111)
    assert place_of("[::1]:9111") == ("::1", 9111)
    for wrong in ("x", "h:", "h:99999", "h:-1"):
        with pytest.raises(ConfigFault):
            place_of(wrong)
    assert Subject(base_url="u", model="m", anthropic_model="a").models == {"openai_chat": "m", "anthropic": "a"}
