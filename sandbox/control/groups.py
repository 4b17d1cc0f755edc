"""Making and changing groups over HTTP."""

from aiohttp import web

from sandbox.control.reading import Act, answering, asked, integer, maybe, part, text
from sandbox.errors import ActError
from sandbox.model import Chat, Json, MemberStatus
from sandbox.telegram import Telegram

STANDINGS: dict[str, MemberStatus] = {"administrator": "administrator", "member": "member"}


class GroupControl:
    """`/sandbox/groups/...`"""

    def __init__(self, telegram: Telegram) -> None:
        self._groups = telegram.groups

    def add_to(self, app: web.Application) -> None:
        group = "/sandbox/groups/{chat}"
        acts: list[tuple[str, str, Act]] = [
            ("POST", "/sandbox/groups", self.create_group),
            ("POST", f"{group}/members", self.add_member),
            ("PATCH", f"{group}/members/{{user}}", self.set_status),
            ("DELETE", f"{group}/members/{{user}}", self.remove_member),
            ("POST", f"{group}/upgrade", self.upgrade),
        ]
        for method, path, act in acts:
            app.router.add_route(method, path, answering(act))

    async def create_group(self, request: web.Request, body: Json) -> Json:
        members = body.get("member_ids")
        if not isinstance(members, list) or not all(isinstance(each, int) for each in members):
            raise ActError("member_ids is a list of ids")
        return self._shown(self._groups.create(text(body, "title"), members, with_bot=body.get("with_bot", True)))

    async def add_member(self, request: web.Request, body: Json) -> Json:
        chat_id = part(request, "chat")
        self._groups.add(chat_id, integer(body, "user_id"), by=maybe(body, "by", "integer"))
        return self._shown(self._groups.get(chat_id))

    async def set_status(self, request: web.Request, body: Json) -> Json:
        chat_id, status = part(request, "chat"), text(body, "status")
        if status not in STANDINGS:
            raise ActError("status is administrator or member")
        self._groups.set_status(chat_id, part(request, "user"), STANDINGS[status])
        return self._shown(self._groups.get(chat_id))

    async def remove_member(self, request: web.Request, body: Json) -> Json:
        chat_id = part(request, "chat")
        self._groups.remove(chat_id, part(request, "user"), by=asked(request, "by"))
        return self._shown(self._groups.get(chat_id))

    async def upgrade(self, request: web.Request, body: Json) -> Json:
        return self._shown(self._groups.upgrade(part(request, "chat")))

    def _shown(self, chat: Chat) -> Json:
        return {"chat": chat.info, "members": chat.present()}
