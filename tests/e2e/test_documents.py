"""The real Claude Code reads a PDF and a picture with its own tool, for a model that takes neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Claude
from tests.fakes import papers
from tests.fakes.landbridge import Served
from tests.fakes.provider import Agent, Provider, Received, Reply

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

WORDS = ("The lighthouse keeper of Ulleungdo", "wrote every evening")


async def test_p57_p58_it_reads_a_pdf_and_a_picture(claude: Claude, tmp_path: Path) -> None:
    pdf, picture = claude.project / "diary.pdf", claude.project / "photo.png"
    pdf.write_bytes(papers.paper(WORDS))
    picture.write_bytes(papers.png(64, 64))
    reader = Agent(
        steps=((("Read", {"file_path": str(pdf)}),), (("Read", {"file_path": str(picture)}),)),
        final="I have read both.",
    )

    def answer(request: Received) -> Reply:
        if request.json["model"] == "vision":
            return Reply(text="A plain red square.")
        return reader(request)

    async with Provider(answer, models=["m", "vision"]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m", "vision"]
            model_quirks = {{ m = ["no_images"] }}
            [media]
            captions = "lab/vision"
        """
        async with Served(tmp_path / "served", settings) as served:
            result = await claude.run(
                served.router + "/anthropic", "Read both files.", "--model", "lab/m", "--allowedTools", "Read"
            )
        assert result.code == 0 and result.text == "I have read both.", result
        last = provider.requests[-1].body.decode()
        assert all(words in last for words in WORDS), "the model got the words of the PDF"
        assert "lab/vision describes it so:]\\nA plain red square." in last
        assert "JVBERi" not in last and "iVBOR" not in last
