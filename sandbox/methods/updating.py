"""How the bot gets its updates. Waiting and delivering are the server's part; here is what is due."""

import ipaddress
import re
from urllib.parse import urlsplit

from sandbox.errors import ApiError, bad_request
from sandbox.methods.registry import Request, method
from sandbox.model import Json, Webhook
from sandbox.schema import load_schema
from sandbox.world import World

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
LIMIT_MAX = 100


@method("getUpdates")
def get_updates(world: World, request: Request) -> list[Json]:
    """What is pending now; `timeout` is for the server to wait."""
    begin_poll(world, request.params)
    limit = request.params.get("limit", LIMIT_MAX)
    return world.updates.take(limit if 1 <= limit <= LIMIT_MAX else LIMIT_MAX)


def begin_poll(world: World, params: Json) -> None:
    """What getUpdates does before it waits: confirms by offset, notes which kinds are wanted from now on."""
    check_pollable(world)
    world.updates.allow(checked_kinds(params))
    world.updates.confirm(params.get("offset"))


def check_pollable(world: World) -> None:
    """ApiError 409 while a webhook is set."""
    if world.webhook.url:
        raise ApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )


def checked_kinds(params: Json) -> list[str] | None:
    kinds: list[str] | None = params.get("allowed_updates")
    for kind in kinds or ():
        if kind not in load_schema().update_kinds:
            raise bad_request(f'there is no update of type "{kind}"')
    return kinds


@method("setWebhook")
def set_webhook(world: World, request: Request) -> bool:
    params = request.params
    url = params["url"]
    if "certificate" in params:
        raise ApiError(501, "Not Implemented: the sandbox has no webhooks with own certificates")
    if url:
        check_webhook_url(url)
    secret = params.get("secret_token")
    if secret and not SECRET.match(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = params.get("max_connections", 40)
    if not 1 <= connections <= 100:
        raise bad_request("wrong parameter max_connections in request")
    world.updates.allow(checked_kinds(params))
    if params.get("drop_pending_updates"):
        world.updates.drop()
    world.webhook = Webhook(url, secret or None, connections)
    world.events.publish("webhook", url=url)
    return True


def check_webhook_url(url: str) -> None:
    """Telegram itself wants HTTPS; like its own local server the box takes HTTP, but only on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not is_loopback(parts.hostname):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")


def is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


@method("deleteWebhook")
def delete_webhook(world: World, request: Request) -> bool:
    if request.params.get("drop_pending_updates"):
        world.updates.drop()
    world.webhook = Webhook()
    world.events.publish("webhook", url="")
    return True


@method("getWebhookInfo")
def get_webhook_info(world: World, request: Request) -> Json:
    webhook = world.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.last_error_at is not None:
        info["last_error_date"] = int(webhook.last_error_at)
        info["last_error_message"] = webhook.last_error
    if world.updates.allowed:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


@method("logOut")
def log_out(world: World, request: Request) -> bool:
    """There is no other server to go to: accepted, as a bot's shutdown may ask for it."""
    return True


@method("close")
def close(world: World, request: Request) -> bool:
    """Accepted, as a bot's shutdown may ask for it."""
    return True
