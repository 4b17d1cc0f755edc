// Buttons beneath a message, and the keyboard that a bot puts in place of the letters.

import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { readLink } from "./links.js";
import { pickChat } from "./picker.js";
import { server } from "./server.js";
import { money } from "./services.js";
import { say } from "./words.js";

export function inlineKeyboard(message, phone) {
  const rows = message.reply_markup?.inline_keyboard?.filter((row) => row.length) ?? [];
  const pay = message.invoice && !rows.flat().some((key) => key.pay);
  const all = pay
    ? [
        [{ text: say("pay", { sum: money(message.invoice.total_amount, message.invoice.currency) }), pay: true }],
        ...rows,
      ]
    : rows;
  if (!all.length) return null;
  return el(
    "div",
    { class: "keyboard", role: "group", "aria-label": say("buttons") },
    all.map((row) =>
      el(
        "div",
        { class: "row" },
        row.map((key) => inlineKey(key, message, phone)),
      ),
    ),
  );
}

function inlineKey(key, message, phone) {
  const style = key.style ? ` is-${key.style}` : "";
  const label = el("span", { dir: "auto" }, key.text);
  const plain = (action, sign) =>
    button({ class: `key${style}`, on: { click: action } }, label, sign ? icon(sign) : null);
  const url = key.url ?? key.login_url?.url;
  if (url !== undefined) {
    const target = readLink(url, phone.world.bot.username);
    if (target.kind !== "outside") return plain(() => phone.follow(url), "link");
    return el(
      "a",
      { class: `key${style}`, href: target.href, target: "_blank", rel: "noopener noreferrer" },
      label,
      icon("link"),
    );
  }
  if (key.callback_data !== undefined) {
    const node = plain(() => tap(node, key, message, phone));
    return node;
  }
  if (key.switch_inline_query_current_chat !== undefined) {
    return plain(() => phone.compose(phone.chatId, inlineStart(phone, key.switch_inline_query_current_chat)), "smile");
  }
  const chosen = key.switch_inline_query_chosen_chat;
  if (key.switch_inline_query !== undefined || chosen)
    return plain(() => switchInline(key.switch_inline_query ?? chosen.query, chosen, phone), "share");
  if (key.copy_text) return plain(() => copy(key.copy_text.text, phone), "copy");
  if (key.pay) {
    const node = plain(() => pay(node, message, phone), "card");
    return node;
  }
  return plain(() => phone.toast(say("not_here")));
}

const inlineStart = (phone, query = "") => `@${phone.world.bot.username} ${query}`;

async function switchInline(query, chosen, phone) {
  const allowed = { bot: chosen?.allow_bot_chats, person: chosen?.allow_user_chats, group: chosen?.allow_group_chats };
  const chat = await pickChat(phone, say("choose_chat"), (kind) => !chosen || allowed[kind]);
  if (chat !== null) phone.compose(chat, inlineStart(phone, query));
}

export async function copy(text, phone) {
  await navigator.clipboard?.writeText(text).catch(() => {});
  phone.toast(say("copied", { text }));
}

// While a request is under way the button shows it and takes no second press.
async function busy(node, request, phone) {
  if (node.getAttribute("aria-busy") === "true") return undefined;
  node.setAttribute("aria-busy", "true");
  try {
    return await request();
  } catch (error) {
    phone.toast(error.message);
    return undefined;
  } finally {
    node.removeAttribute("aria-busy");
  }
}

// The answer's words come as a "toast" event to every window; only its URL concerns the one who pressed.
async function tap(node, key, message, phone) {
  const body = { chat_id: phone.chatId, message_id: message.message_id, data: key.callback_data };
  const answer = await busy(node, () => server.tap(phone.id, body), phone);
  if (answer?.url) phone.follow(answer.url);
  else if (answer && !answer.answered) phone.toast(say("no_answer"));
}

async function pay(node, message, phone) {
  const answer = await busy(
    node,
    () => server.pay(phone.id, { chat_id: phone.chatId, message_id: message.message_id }),
    phone,
  );
  if (answer?.error_message) phone.toast(answer.error_message);
  else if (answer?.answered === false) phone.toast(say("no_answer"));
}

// Which keyboard this person sees now: the newest word of the bot about it counts. A selective one is for those
// whom the message mentions or answers.
export function replyMarkup(view, personId, botId) {
  const isFor = (message) =>
    !message.reply_markup.selective ||
    view.chat.type === "private" ||
    message.reply_to_message?.from?.id === personId ||
    [...(message.entities ?? []), ...(message.caption_entities ?? [])].some((entity) => entity.user?.id === personId);
  return view.messages.findLast(
    ({ from, reply_markup: markup, ...rest }) =>
      from?.id === botId && markup && !markup.inline_keyboard && isFor({ reply_markup: markup, ...rest }),
  );
}

export function replyKeyboard(message, phone) {
  const markup = message.reply_markup;
  const press = async (key) => {
    const { person } = phone;
    const reply = phone.view.chat.type === "private" ? {} : { reply_to_message_id: message.message_id };
    if (key.request_contact) {
      const contact = { phone_number: "+10000000000", first_name: person.first_name, user_id: person.id };
      await phone.say({ contact, ...reply });
    } else if (key.request_location) await phone.say({ location: { latitude: 25.033, longitude: 121.5654 }, ...reply });
    else if (Object.keys(key).some((name) => name.startsWith("request_") || name === "web_app"))
      phone.toast(say("not_here"));
    else await phone.say({ text: key.text, ...reply });
    if (markup.one_time_keyboard) phone.composer.hideKeyboard();
  };
  const rows = markup.keyboard.map((row) => row.map((key) => (typeof key === "string" ? { text: key } : key)));
  return el(
    "div",
    {
      class: `reply-keyboard ${markup.resize_keyboard ? "" : "is-tall"}`,
      role: "group",
      "aria-label": say("reply_keyboard"),
    },
    rows.map((row) =>
      el(
        "div",
        { class: "row" },
        row.map((key) =>
          button({ class: "key", on: { click: () => press(key) } }, el("span", { dir: "auto" }, key.text)),
        ),
      ),
    ),
  );
}
