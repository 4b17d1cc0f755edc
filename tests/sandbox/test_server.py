"""The box over HTTP: the control API, events, weather, webhooks, files and the command line."""

import asyncio
import base64
import json
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox import Telegram
from sandbox.model import Json
from sandbox.server import SandboxServer
from tests.sandbox.kit import picture, until

TOKEN = "42:SANDBOX"


class Client:
    """Asks the box over HTTP, as a page or a bot does."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def ask(self, method: str, path: str, expected: int = 200, **given: Any) -> Any:
        """A control request: `method` path with `given` as the body."""
        url = f"{self.url}/sandbox/{path}"
        async with self.session.request(method, url, json=given or None) as response:
            assert response.status == expected, await response.text()
            return await response.json()

    async def call(self, method: str, **params: Any) -> Any:
        """A Bot API call with a JSON body; the whole answer."""
        async with self.session.post(f"{self.url}/bot{TOKEN}/{method}", json=params) as response:
            return await response.json()


@pytest.fixture
async def client(server: SandboxServer) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(server.url, session)


@pytest.fixture
async def ana(client: Client) -> int:
    person = await client.ask("POST", "people", first_name="Ana", language_code="en")
    user_id: int = person["id"]
    await client.ask("POST", f"people/{user_id}/messages", chat_id=user_id, text="/start")
    return user_id


async def test_the_state_of_the_box(client: Client, ana: int) -> None:
    sent = await client.call("sendMessage", chat_id=ana, text="Hi")
    state = await client.ask("GET", "state")
    assert state["bot"]["username"] == "perkchat_bot"
    assert [person["blocked_bot"] for person in state["people"]] == [False]
    (chat,) = state["chats"]
    assert (chat["chat"]["id"], chat["members"]) == (ana, [ana, 42])
    assert chat["messages"][-1] == sent["result"]
    assert state["seq"] > 0
    assert state["now"] > 0


async def test_people_over_http(client: Client, ana: int, telegram: Telegram) -> None:
    me = f"people/{ana}"
    assert (await client.ask("PATCH", me, language_code="zh-hans"))["language_code"] == "zh-hans"
    photo = base64.b64encode(picture()).decode()
    said = await client.ask("POST", f"{me}/messages", chat_id=ana, photo=photo, caption="Look")
    assert (said["caption"], said["photo"][-1]["width"]) == ("Look", 640)
    for content in (
        {"document": {"name": "a.txt", "base64": "YQ=="}},
        {"sticker": "🎉"},
        {"voice": {"duration": 2}},
        {"location": {"latitude": 1.5, "longitude": 2}},
        {"contact": {"phone_number": "+1", "first_name": "Ana"}},
    ):
        said = await client.ask("POST", f"{me}/messages", chat_id=ana, **content)
        assert content.keys() <= said.keys()
    text = await client.ask("POST", f"{me}/messages", chat_id=ana, text="One")
    edit = {"chat_id": ana, "message_id": text["message_id"], "text": "Two"}
    assert (await client.ask("POST", f"{me}/edits", **edit))["text"] == "Two"
    opened = await client.ask("POST", f"{me}/open", url="https://t.me/perkchat_bot?start=a")
    assert (opened["chat_id"], opened["message"]["text"]) == (ana, "/start a")
    assert (await client.ask("POST", f"{me}/block"))["blocked_bot"] is True
    assert (await client.ask("POST", f"{me}/unblock"))["blocked_bot"] is False
    menu = await client.ask("GET", f"{me}/commands?chat_id={ana}")
    assert menu == {"commands": [], "menu_button": {"type": "commands"}}


async def answer_next(client: Client, kind: str, method: str, **params: Any) -> None:
    """A bot that takes one update and answers its query."""
    updates = (await client.call("getUpdates", timeout=5, offset=-1))["result"]
    while kind not in updates[-1]:
        offset = updates[-1]["update_id"] + 1
        updates = (await client.call("getUpdates", timeout=5, offset=offset))["result"]
    field = "pre_checkout_query_id" if kind == "pre_checkout_query" else f"{kind}_id"
    answer = await client.call(method, **{field: updates[-1][kind]["id"]}, **params)
    assert answer["ok"], answer


async def test_taps_wait_for_the_answer(client: Client, ana: int) -> None:
    buttons = [
        [{"text": "Join", "callback_data": "join"}, {"text": "Site", "url": "https://x.com/"}],
        [{"text": "Copy", "copy_text": {"text": "CODE"}}, {"text": "Share", "switch_inline_query": "tea"}],
    ]
    sent = await client.call("sendMessage", chat_id=ana, text="Hi", reply_markup={"inline_keyboard": buttons})
    at = {"chat_id": ana, "message_id": sent["result"]["message_id"]}
    taps = f"people/{ana}/taps"

    bot = asyncio.create_task(answer_next(client, "callback_query", "answerCallbackQuery", text="In"))
    tapped = await client.ask("POST", taps, **at, data="join")
    await bot
    assert (tapped["answered"], tapped["text"]) == (True, "In")
    assert (await client.ask("POST", f"{taps}?wait=0", **at, text="Join"))["answered"] is False
    assert await client.ask("POST", taps, **at, text="Site") == {"url": "https://x.com/"}
    assert await client.ask("POST", taps, **at, text="Copy") == {"copy_text": "CODE"}
    assert await client.ask("POST", taps, **at, text="Share") == {"switch_inline_query": "tea"}
    error = await client.ask("POST", taps, expected=404, **at, text="Nothing")
    assert error == {"error": "the message has no button 'Nothing'"}


async def test_inline_mode_and_payments_over_http(client: Client, ana: int) -> None:
    article = {
        "type": "article",
        "id": "1",
        "title": "Offer",
        "input_message_content": {"message_text": "Offer"},
    }
    bot = asyncio.create_task(
        answer_next(client, "inline_query", "answerInlineQuery", results=[article], next_offset="1")
    )
    answer = await client.ask("POST", f"people/{ana}/inline", chat_id=ana, query="tea")
    await bot
    assert (answer["results"], answer["next_offset"]) == ([article], "1")
    choice = {"chat_id": ana, "inline_query_id": answer["inline_query_id"], "result_id": "1"}
    message = await client.ask("POST", f"people/{ana}/inline/choose", **choice)
    assert (message["text"], message["via_bot"]["id"]) == ("Offer", 42)

    prices = [{"label": "Gift", "amount": 5}]
    invoice = await client.call(
        "sendInvoice", chat_id=ana, title="G", description="G", payload="g", currency="XTR", prices=prices
    )
    at = {"chat_id": ana, "message_id": invoice["result"]["message_id"]}
    bot = asyncio.create_task(answer_next(client, "pre_checkout_query", "answerPreCheckoutQuery", ok=True))
    paid = await client.ask("POST", f"people/{ana}/pay", **at)
    await bot
    assert paid["ok"] is True
    assert paid["message"]["successful_payment"]["total_amount"] == 5


async def test_groups_over_http(client: Client, ana: int) -> None:
    bo = (await client.ask("POST", "people", first_name="Bo"))["id"]
    group = await client.ask("POST", "groups", title="Friends", member_ids=[ana, bo], with_bot=True)
    chat_id = group["chat"]["id"]
    assert group["members"] == [ana, bo, 42]
    assert (await client.ask("DELETE", f"groups/{chat_id}/members/{bo}"))["members"] == [ana, 42]
    assert bo in (await client.ask("POST", f"groups/{chat_id}/members", user_id=bo))["members"]
    assert await client.ask("PATCH", f"groups/{chat_id}/members/42", status="administrator")
    new = await client.ask("POST", f"groups/{chat_id}/upgrade")
    assert new["chat"]["type"] == "supergroup"
    answer = await client.call("sendMessage", chat_id=chat_id, text="Hi")
    assert answer["parameters"] == {"migrate_to_chat_id": new["chat"]["id"]}


async def test_a_crowd_can_be_written_to_and_nobody_tells_the_bot(client: Client) -> None:
    assert await client.ask("POST", "crowd", first_id=5_000, count=3) == {"count": 3}
    assert (await client.call("sendMessage", chat_id=5_002, text="Hi"))["ok"]
    assert (await client.call("getUpdates", timeout=0))["result"] == []
    assert "error" in await client.ask("POST", "crowd", expected=400, first_id=5_002, count=1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "people", {}, 400),
        ("POST", "people", {"first_name": 5}, 400),
        ("POST", "people/1/messages", {"chat_id": 1, "text": "Hi"}, 404),
        ("POST", "people/x/block", {}, 400),
        ("POST", "groups", {"title": "x", "member_ids": "all"}, 400),
        ("PUT", "weather", {"snow": 1}, 400),
        ("PUT", "weather", {"loss": 2}, 400),
        ("PUT", "limits", {"per_hour": 1}, 400),
        ("PUT", "limits", {"per_second": 0}, 400),
        ("PUT", "clock", {"advance_s": -1}, 400),
        ("GET", "calls?after=x", {}, 400),
        ("GET", "files/nothing", {}, 404),
    ],
)
async def test_what_control_refuses(client: Client, method: str, path: str, body: Json, status: int) -> None:
    assert "error" in await client.ask(method, path, expected=status, **body)


async def test_calls_and_updates_are_counted(client: Client, ana: int) -> None:
    await client.call("sendMessage", chat_id=ana, text="Hi")
    form = aiohttp.FormData({"chat_id": str(ana)})
    form.add_field("photo", picture(), filename="a.png")
    await client.session.post(f"{client.url}/bot{TOKEN}/sendPhoto", data=form)
    book = await client.ask("GET", "calls?after=1")
    assert [call["method"] for call in book["calls"]] == ["sendPhoto"]
    assert book["calls"][0]["params"]["photo"]["file_name"] == "a.png"
    assert (await client.ask("GET", "calls?method=sendMessage"))["calls"][0]["result"]["text"] == "Hi"
    await client.call("getUpdates")
    await client.call("getUpdates")
    updates = await client.ask("GET", "updates?ids=1")
    assert (updates["handed_out"], updates["redelivered"], updates["pending"]) == (1, 1, 1)
    assert updates["ids"]["pending"] == updates["ids"]["redelivered"]


async def test_limits_and_the_clock(client: Client, ana: int) -> None:
    limits = await client.ask("PUT", "limits", enabled=True, per_chat_burst=1)
    assert limits["per_second"] == 30
    assert (await client.call("sendMessage", chat_id=ana, text="1"))["ok"]
    refused = await client.call("sendMessage", chat_id=ana, text="2")
    assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 1})
    await client.ask("PUT", "clock", advance_s=1)
    assert (await client.call("sendMessage", chat_id=ana, text="3"))["ok"]


async def test_bad_weather(client: Client, ana: int) -> None:
    await client.ask("PUT", "weather", flood={"retry_after": 9, "times": 1})
    assert (await client.call("sendMessage", chat_id=ana, text="1"))["parameters"] == {"retry_after": 9}
    assert (await client.call("sendMessage", chat_id=ana, text="1"))["ok"]

    await client.ask("PUT", "weather", loss=0.5)
    lost = 0
    for _ in range(40):
        try:
            await client.call("getMe")
        except aiohttp.ClientError:
            lost += 1
    assert 10 <= lost <= 30
    await client.ask("PUT", "weather", latency_ms=50)
    began = asyncio.get_running_loop().time()
    await client.call("getMe")
    assert asyncio.get_running_loop().time() - began >= 0.05
    await client.ask("PUT", "weather", down=True)
    with pytest.raises(aiohttp.ClientError):
        await client.call("getMe")
    cleared = await client.ask("PUT", "weather")
    assert (cleared["down"], cleared["loss"]) == (False, 0)
    assert (await client.call("getMe"))["ok"]


async def read_events(response: aiohttp.ClientResponse, count: int) -> list[Json]:
    events: list[Json] = []
    async with asyncio.timeout(5):
        async for line in response.content:
            if line.startswith(b"data: "):
                events.append(json.loads(line.removeprefix(b"data: ")))
            if len(events) == count:
                break
    return events


async def test_events_are_streamed_and_replayed(client: Client, ana: int, telegram: Telegram) -> None:
    seq = telegram.events.seq
    await client.call("sendChatAction", chat_id=ana, action="typing")
    async with client.session.get(f"{client.url}/sandbox/events?after={seq}&calls=1") as response:
        assert response.content_type == "text/event-stream"
        await client.call("sendMessage", chat_id=ana, text="Hi")
        typing, message, call = await read_events(response, 3)
    assert (typing["type"], typing["action"]) == ("typing", "typing")
    assert (message["type"], message["message"]["text"]) == ("message", "Hi")
    assert (call["type"], call["call"]["method"], call["seq"]) == ("call", "sendMessage", message["seq"])

    again = {"Last-Event-ID": str(seq + 1)}
    async with client.session.get(f"{client.url}/sandbox/events", headers=again) as response:
        (replayed,) = await read_events(response, 1)
    assert replayed == message


async def test_files_come_back(client: Client, ana: int, telegram: Telegram) -> None:
    content = picture()
    sent = telegram.call("sendPhoto", {"chat_id": ana}, {"photo": ("a.png", content)})
    file_id = sent["photo"][-1]["file_id"]
    path = (await client.call("getFile", file_id=file_id))["result"]["file_path"]
    for url, status in (
        (f"/sandbox/files/{file_id}", 200),
        (f"/file/bot{TOKEN}/{path}", 200),
        (f"/file/bot{TOKEN}/photos/nothing.png", 404),
        (f"/file/bot1:WRONG/{path}", 401),
    ):
        async with client.session.get(client.url + url) as response:
            assert response.status == status
            if status == 200:
                assert response.content_type == "image/png"
                assert await response.read() == content


async def test_every_form_of_a_call(client: Client, ana: int) -> None:
    url = f"{client.url}/bot{TOKEN}/sendMessage"
    form = {"chat_id": str(ana), "text": "积 & 分", "disable_notification": "True"}
    multipart = aiohttp.MultipartWriter("form-data")
    for name, value in form.items():
        multipart.append(value).set_content_disposition("form-data", name=name)
    for given in ({"params": form}, {"data": form}, {"json": form}, {"data": multipart}):
        async with client.session.post(url, **given) as response:
            assert (await response.json())["result"]["text"] == "积 & 分"
    async with client.session.get(url, params=form) as response:
        assert (await response.json())["ok"]
    async with client.session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as response:
        assert (await response.json())["description"] == "Bad Request: can't parse JSON object"


async def test_the_page_is_served_and_nothing_beside_it(client: Client) -> None:
    for path in ("/no-such-page.js", "/../server.py", "/%2e%2e/server.py"):
        async with client.session.get(client.url + path) as response:
            assert response.status == 404


class Hook:
    """A bot's webhook that answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[Json] = []
        self.secrets: set[str | None] = set()
        self.answers: list[Callable[[Json], Awaitable[web.Response]]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.taken.append(update)
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        return await self.answers.pop(0)(update) if self.answers else web.Response()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def failing(update: Json) -> web.Response:
    return web.Response(status=500)


async def sending(update: Json) -> web.Response:
    answer = {"method": "sendMessage", "chat_id": update["message"]["chat"]["id"], "text": "From the answer"}
    return web.json_response(answer)


async def test_a_failing_webhook_is_tried_again_and_holds_up_its_chat(
    client: Client, ana: int, hook: Hook, telegram: Telegram
) -> None:
    telegram.updates.drop()
    hook.answers = [failing, failing, sending]
    await client.call("setWebhook", url=hook.url, secret_token="s3cret", max_connections=5)
    telegram.people.say(ana, "one")
    telegram.people.say(ana, "two")
    await until(lambda: len(hook.taken) == 4 and not len(telegram.updates))
    assert [update["message"]["text"] for update in hook.taken] == ["one", "one", "one", "two"]
    assert hook.secrets == {"s3cret"}
    assert list(telegram.world.chats[ana].messages.values())[-1]["text"] == "From the answer"
    info = (await client.call("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    assert (info["max_connections"], info["pending_update_count"]) == (5, 0)


async def test_a_slow_chat_does_not_hold_up_others(client: Client, ana: int, hook: Hook, telegram: Telegram) -> None:
    telegram.updates.drop()
    bo = telegram.people.add_person("Bo")
    released = asyncio.Event()

    async def slow(update: Json) -> web.Response:
        await released.wait()
        return web.Response()

    hook.answers = [slow]
    await client.call("setWebhook", url=hook.url)
    telegram.people.say(ana, "slow")
    await until(lambda: len(hook.taken) == 1)
    telegram.people.say(bo.id, "quick")
    await until(lambda: len(hook.taken) == 2)
    assert len(telegram.updates) == 1
    released.set()
    await until(lambda: not len(telegram.updates))


async def test_setting_a_webhook_delivers_what_waits(client: Client, ana: int, hook: Hook, telegram: Telegram) -> None:
    assert len(telegram.updates) == 1
    await client.call("setWebhook", url=hook.url)
    await until(lambda: not len(telegram.updates))
    assert hook.taken[0]["message"]["text"] == "/start"
    await client.call("deleteWebhook")
    telegram.people.say(ana, "by polling again")
    assert [update["message"]["text"] for update in (await client.call("getUpdates"))["result"]] == ["by polling again"]
    assert len(hook.taken) == 1


async def test_webhooks_that_are_refused(client: Client) -> None:
    for url in ("http://example.com/hook", "ftp://127.0.0.1/hook", "nonsense"):
        answer = await client.call("setWebhook", url=url)
        assert answer["description"] == ("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    answer = await client.call("setWebhook", url="https://x.com/", secret_token="no spaces")
    assert answer["description"] == "Bad Request: secret token contains unallowed characters"
    answer = await client.call("setWebhook", url="https://x.com/", allowed_updates=["telepathy"])
    assert answer["error_code"] == 400


async def test_a_poll_waits_and_ends_with_the_server(telegram: Telegram) -> None:
    server = SandboxServer(telegram)
    await server.start()
    async with aiohttp.ClientSession() as session:
        client = Client(server.url, session)
        poll = asyncio.create_task(client.call("getUpdates", timeout=30))
        await asyncio.sleep(0.05)
        bo = telegram.people.add_person("Bo")
        telegram.people.say(bo.id, "/start")
        (update,) = (await asyncio.wait_for(poll, 5))["result"]
        assert update["message"]["text"] == "/start"
        offset = update["update_id"] + 1
        poll = asyncio.create_task(client.call("getUpdates", timeout=30, offset=offset))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(server.stop(), 5)
        with suppress(aiohttp.ClientError):
            assert (await asyncio.wait_for(poll, 5))["error_code"] == 409


async def test_the_command_line() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0", "--token", "7:X", "--username", "any_bot"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", line)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{line.strip()}/bot7:X/getMe") as response,
    ):
        assert (await response.json())["result"]["username"] == "any_bot"
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
