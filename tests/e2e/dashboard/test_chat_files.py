"""Images, PDFs and texts are chosen, dropped, checked, removed and sent."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.e2e.dashboard.chatting import PNG, chat, chatting, leave
from tests.e2e.dashboard.conftest import Visiting
from tests.fakes.provider import Reply

pytestmark = pytest.mark.anyio

DROP = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), each => each.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type}));
  const place = document.querySelector(".lb-chat-scroll");
  for (const kind of ["dragover", "drop"])
    place.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""


async def test_files_of_a_question(tmp_path: Path, visit: Visiting) -> None:
    async with chatting(tmp_path, Reply(text="A square.")) as (served, provider):
        one = await chat(visit, served, provider)
        page = one.page
        async with page.expect_file_chooser() as choosing:
            await page.get_by_label("Add images, PDFs or texts").click()
        await (await choosing.value).set_files({"name": "red.png", "mimeType": "image/png", "buffer": PNG})
        await page.get_by_alt_text("red.png").wait_for()

        note = base64.b64encode("하늘".encode()).decode()
        await page.evaluate(DROP, ["note.md", "text/markdown", note])
        await page.get_by_text("note.md").first.wait_for()
        await page.evaluate(DROP, ["fake.png", "image/png", base64.b64encode(b"\x7fELF\0\xff").decode()])
        await page.get_by_text("fake.png is no image (PNG, JPEG, GIF, WebP), PDF or text.").wait_for()
        await page.get_by_role("button", name="Close").click()
        await page.evaluate(DROP, ["other.png", "image/png", base64.b64encode(PNG).decode()])
        await page.get_by_alt_text("other.png").wait_for()
        await page.get_by_label("Remove the file").last.click()
        await page.get_by_alt_text("other.png").wait_for(state="detached")
        await one.tab.check()

        await one.ask("What is it?")
        await one.figures()
        image, text, question = one.body()["messages"][0]["content"]
        assert image["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
        assert "하늘" in str(text)
        assert question == {"type": "text", "text": "What is it?"}
        assert await page.locator(".lb-composer .lb-file").count() == 0

        # They are kept with the question, and go along when it is gone on from.
        await page.reload()
        await page.get_by_alt_text("red.png").wait_for()
        assert await page.get_by_alt_text("red.png").evaluate("each => each.naturalWidth") == 8
        await one.tab.check()
        await one.ask("And now?")
        await one.figures(1)
        assert one.body()["messages"][0]["content"][0]["type"] == "image_url"
        await leave(one)
