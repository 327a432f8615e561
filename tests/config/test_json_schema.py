"""The schema for editors has every setting with its text, and takes what the program takes."""

from __future__ import annotations

import tomllib
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from landbridge.config.json_schema import json_schema
from landbridge.config.keys import keys
from landbridge.config.meanings import meanings
from landbridge.config.schema import Config
from tests.redoc_settings import EXAMPLE

SCHEMA = json_schema()


def errors(text: str) -> list[str]:
    return [error.message for error in jsonschema_rs.Draft7Validator(SCHEMA).iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_of_its_draft() -> None:
    assert jsonschema_rs.meta.is_valid(SCHEMA)


def test_every_setting_is_in_it_with_its_text() -> None:
    texts = meanings()
    sections = {**SCHEMA["definitions"], "Config": SCHEMA}
    for key in keys():
        name = key.section.__name__
        assert sections[name]["properties"][key.path[-1]]["description"] == texts[name, key.path[-1]]


def test_nothing_in_it_is_null() -> None:
    def look(value: Any) -> None:
        assert value is not None and value != {"type": "null"}
        if isinstance(value, dict):
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    look(SCHEMA)


@pytest.mark.parametrize("text", ["", EXAMPLE, "[models.m]\ncontext = 4096\nembeddings = true\n"])
def test_it_takes_what_the_program_takes(text: str) -> None:
    msgspec.convert(tomllib.loads(text), Config)
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "defalt_model = 'm'",
        "[listeners.router]\nport = 65536",
        "[server]\nlog_level = 'loud'",
        "[providers.lab]\nmodels = 'm'",
        "[models.m]\ncontext = 'some'",
    ],
)
def test_it_refuses_what_the_program_refuses(text: str) -> None:
    assert errors(text)
