"""Acting as people over HTTP."""

import asyncio
from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.control.reading import Act, answering, asked, from_base64, integer, maybe, part, real, text
from sandbox.model import Checkout, Json, Message, Question
from sandbox.telegram import Telegram

ANSWER_WITHIN_S = 10


class PeopleControl:
    """`/sandbox/people/...`"""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._people = telegram.people

    def add_to(self, app: web.Application) -> None:
        person = "/sandbox/people/{person}"
        acts: list[tuple[str, str, Act]] = [
            ("POST", "/sandbox/people", self.add_person),
            ("POST", "/sandbox/crowd", self.add_crowd),
            ("PATCH", person, self.change_person),
            ("POST", f"{person}/messages", self.say),
            ("POST", f"{person}/edits", self.edit),
            ("POST", f"{person}/taps", self.tap),
            ("POST", f"{person}/inline", self.inline_query),
            ("POST", f"{person}/inline/choose", self.choose_inline),
            ("POST", f"{person}/open", self.open_link),
            ("POST", f"{person}/block", self.block),
            ("POST", f"{person}/unblock", self.unblock),
            ("POST", f"{person}/deactivate", self.deactivate),
            ("POST", f"{person}/pay", self.pay),
            ("GET", f"{person}/commands", self.commands),
        ]
        for method, path, act in acts:
            app.router.add_route(method, path, answering(act))

    async def add_person(self, request: web.Request, body: Json) -> Json:
        return self._people.add_person(
            text(body, "first_name"),
            last_name=maybe(body, "last_name", "text"),
            username=maybe(body, "username", "text"),
            language_code=maybe(body, "language_code", "text"),
            user_id=maybe(body, "id", "integer"),
        ).view()

    async def add_crowd(self, request: web.Request, body: Json) -> Json:
        count = integer(body, "count")
        self._people.add_crowd(count, first_id=integer(body, "first_id"))
        return {"count": count}

    async def change_person(self, request: web.Request, body: Json) -> Json:
        return self._people.change(part(request, "person"), **body).view()

    async def say(self, request: web.Request, body: Json) -> Message:
        person = part(request, "person")
        place = {
            "chat_id": integer(body, "chat_id"),
            "reply_to": maybe(body, "reply_to_message_id", "integer"),
        }
        people, caption = self._people, maybe(body, "caption", "text") or ""
        if "photo" in body:
            return people.send_photo(person, from_base64(body["photo"]), caption=caption, **place)
        if document := maybe(body, "document", "object"):
            content = from_base64(document.get("base64"))
            return people.send_document(person, text(document, "name"), content, caption=caption, **place)
        if "sticker" in body:
            emoji = body["sticker"] if isinstance(body["sticker"], str) else "👍"
            return people.send_sticker(person, emoji=emoji, **place)
        if "voice" in body:
            voice = maybe(body, "voice", "object") or {}
            return people.send_voice(person, duration=maybe(voice, "duration", "integer") or 1, **place)
        if where := maybe(body, "location", "object"):
            return people.send_location(person, real(where, "latitude"), real(where, "longitude"), **place)
        if contact := maybe(body, "contact", "object"):
            return people.send_contact(
                person,
                text(contact, "phone_number"),
                text(contact, "first_name"),
                last_name=maybe(contact, "last_name", "text"),
                contact_user_id=maybe(contact, "user_id", "integer"),
                **place,
            )
        return people.say(person, text(body, "text"), **place)

    async def edit(self, request: web.Request, body: Json) -> Message:
        return self._people.edit(
            part(request, "person"),
            integer(body, "message_id"),
            text(body, "text"),
            chat_id=integer(body, "chat_id"),
        )

    async def tap(self, request: web.Request, body: Json) -> Json:
        tap = self._people.tap(
            part(request, "person"),
            integer(body, "message_id"),
            data=maybe(body, "data", "text"),
            text=maybe(body, "text", "text"),
            chat_id=integer(body, "chat_id"),
        )
        if tap.checkout is not None:
            return await self._paid(tap.checkout, request)
        if tap.query is None:
            return opened(tap.opened)
        await answered(tap.query, request)
        answer = tap.query.answer
        shown: Json = {"callback_query_id": tap.query.id, "answered": answer is not None}
        if answer is not None:
            shown |= {key: value for key, value in asdict(answer).items() if value}
        return shown

    async def inline_query(self, request: web.Request, body: Json) -> Json:
        query = self._people.inline_query(
            part(request, "person"),
            maybe(body, "query", "text") or "",
            chat_id=integer(body, "chat_id"),
            offset=maybe(body, "offset", "text") or "",
        )
        await answered(query, request)
        answer = query.answer
        if answer is None:
            return {"inline_query_id": query.id, "answered": False, "results": [], "next_offset": ""}
        button = {"button": answer.button} if answer.button else {}
        return {
            "inline_query_id": query.id,
            "answered": True,
            "results": answer.results,
            "next_offset": answer.next_offset,
            **button,
        }

    async def choose_inline(self, request: web.Request, body: Json) -> Message:
        return self._people.choose_inline(
            part(request, "person"),
            text(body, "inline_query_id"),
            text(body, "result_id"),
            chat_id=integer(body, "chat_id"),
        )

    async def open_link(self, request: web.Request, body: Json) -> Json:
        message = self._people.open_link(
            part(request, "person"), text(body, "url"), chat_id=maybe(body, "chat_id", "integer")
        )
        return {"chat_id": message["chat"]["id"], "message": message}

    async def block(self, request: web.Request, body: Json) -> Json:
        self._people.block(part(request, "person"))
        return self._view(request)

    async def unblock(self, request: web.Request, body: Json) -> Json:
        self._people.unblock(part(request, "person"))
        return self._view(request)

    async def deactivate(self, request: web.Request, body: Json) -> Json:
        self._people.deactivate(part(request, "person"))
        return self._view(request)

    async def pay(self, request: web.Request, body: Json) -> Json:
        checkout = self._people.pay(
            part(request, "person"), integer(body, "message_id"), chat_id=integer(body, "chat_id")
        )
        return await self._paid(checkout, request)

    async def _paid(self, checkout: Checkout, request: web.Request) -> Json:
        await answered(checkout, request)
        shown: Json = {"pre_checkout_query_id": checkout.id, "answered": checkout.answer is not None}
        if checkout.answer is not None:
            shown |= {key: value for key, value in asdict(checkout.answer).items() if value is not None}
        return shown

    async def commands(self, request: web.Request, body: Json) -> Json:
        return self._people.menu(part(request, "person"), chat_id=asked(request, "chat_id"))

    def _view(self, request: web.Request) -> Json:
        return self._telegram.world.person(part(request, "person")).view()


async def answered(question: Question[Any], request: web.Request) -> None:
    """Waits until the bot has answered, 10 seconds at most, unless `?wait=0`."""
    if request.query.get("wait") == "0":
        return
    done = asyncio.Event()
    question.when_answered(done.set)
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await done.wait()
    except TimeoutError:
        return


def opened(done: Json) -> Json:
    """What a client does by itself, in plain words: a link, a text to copy, a query to go on with."""
    shown = dict(done)
    if "copy_text" in shown:
        shown["copy_text"] = shown["copy_text"]["text"]
    if "web_app" in shown:
        shown["web_app"] = shown["web_app"]["url"]
    return shown
