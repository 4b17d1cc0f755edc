"""Invoices in Telegram Stars, and their refunds."""

from sandbox.errors import bad_request
from sandbox.methods.registry import Request, method
from sandbox.methods.sending import deliver
from sandbox.model import PRE_CHECKOUT_LIFETIME, CheckoutAnswer, Json, Message, Payment
from sandbox.world import World

CURRENCY = "XTR"
AMOUNT_MAX = 25_000


@method("sendInvoice")
def send_invoice(world: World, request: Request) -> Message:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    amount = checked_amount(params)
    if not 1 <= len(params["title"]) <= 32:
        raise bad_request("INVOICE_TITLE_INVALID")
    if not 1 <= len(params["payload"].encode()) <= 128:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    invoice = {
        "title": params["title"],
        "description": params["description"],
        "start_parameter": params.get("start_parameter", ""),
        "currency": CURRENCY,
        "total_amount": amount,
    }
    if "reply_markup" not in params:
        button = {"text": f"Pay ⭐{amount}", "pay": True}
        request.params = {**params, "reply_markup": {"inline_keyboard": [[button]]}}
    message = deliver(world, request, chat, {"invoice": invoice}, is_invoice=True)
    world.invoice_payloads[chat.id, message["message_id"]] = params["payload"]
    return message


def checked_amount(params: Json) -> int:
    if params["currency"] != CURRENCY or params.get("provider_token"):
        raise bad_request("the sandbox sells for Telegram Stars only: currency XTR and no provider_token")
    if len(params["prices"]) != 1:
        raise bad_request("STARS_INVOICE_INVALID")
    amount: int = params["prices"][0]["amount"]
    if not 1 <= amount <= AMOUNT_MAX:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return amount


@method("answerPreCheckoutQuery")
def answer_pre_checkout_query(world: World, request: Request) -> bool:
    params = request.params
    checkout = world.checkouts.get(params["pre_checkout_query_id"])
    if checkout is None or checkout.answer or checkout.asked_at + PRE_CHECKOUT_LIFETIME < world.now():
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if not params["ok"] and not params.get("error_message"):
        raise bad_request("error_message must be non-empty if ok is false")
    if not params["ok"]:
        checkout.settle(CheckoutAnswer(False, params["error_message"]))
        return True
    charge_id = f"BoxCharge{world.serial():08d}"
    details = {**checkout.invoice, "telegram_payment_charge_id": charge_id, "provider_payment_charge_id": ""}
    world.payments[charge_id] = Payment(charge_id, checkout.user_id, details)
    payer = world.person(checkout.user_id)
    chat = world.chats[checkout.chat_id]
    message = world.service(chat, payer.user, {"successful_payment": details})
    checkout.settle(CheckoutAnswer(True, message=message))
    return True


@method("refundStarPayment")
def refund_star_payment(world: World, request: Request) -> bool:
    payment = world.payments.get(request.params["telegram_payment_charge_id"])
    if payment is None or payment.user_id != request.params["user_id"]:
        raise bad_request("CHARGE_NOT_FOUND")
    if payment.is_refunded:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    payment.is_refunded = True
    world.service(world.chats[payment.user_id], world.bot, {"refunded_payment": payment.details})
    return True
