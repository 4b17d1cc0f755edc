"""The box on a local port: Bot API, control API and chat page around one `Telegram`."""

from pathlib import Path
from types import TracebackType

from aiohttp import web

from sandbox.bot_routes import BotRoutes
from sandbox.control.events import EventStream
from sandbox.control.groups import GroupControl
from sandbox.control.people import PeopleControl
from sandbox.control.world import WorldControl
from sandbox.files import UPLOAD_MAX
from sandbox.telegram import Telegram
from sandbox.weather import Sky
from sandbox.webhooks import WebhookDelivery

PAGE = Path(__file__).with_name("page")
HOST = "127.0.0.1"


class SandboxServer:
    """Serves a `Telegram` over HTTP, on this machine only.

        async with SandboxServer(Telegram("42:SANDBOX", "perkchat_bot", "Perkchat")) as server:
            ...  # bots talk to server.url, tests to server.telegram

    `seed` makes the same requests be lost again; `webhook_retry_s` is the first wait after a failed delivery.
    """

    def __init__(
        self, telegram: Telegram | None = None, *, seed: int | None = None, webhook_retry_s: float = 1.0
    ) -> None:
        self.telegram = telegram or Telegram()
        self.sky = Sky(seed)
        self.url = ""
        self._webhook_retry_s = webhook_retry_s
        self._runner: web.AppRunner | None = None
        self._webhooks: WebhookDelivery | None = None

    async def start(self, port: int = 0) -> None:
        """Listens on `port`, on any free one if it is 0; `url` says where."""
        bot, events = BotRoutes(self.telegram, self.sky), EventStream(self.telegram)
        app = web.Application(client_max_size=UPLOAD_MAX + 1024 * 1024)
        bot.add_to(app)
        events.add_to(app)
        PeopleControl(self.telegram).add_to(app)
        GroupControl(self.telegram).add_to(app)
        WorldControl(self.telegram, self.sky).add_to(app)
        app.router.add_get("/{path:.*}", page)

        async def end_waiting(app: web.Application) -> None:
            bot.interrupt()
            events.interrupt()

        app.on_shutdown.append(end_waiting)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        self._webhooks = WebhookDelivery(self.telegram, self._webhook_retry_s)

    async def stop(self) -> None:
        """Ends deliveries, waiting polls and streams, and frees the port. The world stays as it is."""
        if self._webhooks is not None:
            await self._webhooks.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        self._webhooks = self._runner = None

    async def __aenter__(self) -> "SandboxServer":
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


async def page(request: web.Request) -> web.StreamResponse:
    """A file of the chat page."""
    path = (PAGE / (request.match_info["path"] or "index.html")).resolve()
    if not path.is_relative_to(PAGE) or not path.is_file():
        raise web.HTTPNotFound(text="There is no such page in the box.\n")
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})
