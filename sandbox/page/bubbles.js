// One entry of the message list: a bubble, an album, a service line or a day.

import { momentOf, timeOf } from "./dates.js";
import { button, el } from "./dom.js";
import { richText } from "./entities.js";
import { icon } from "./icons.js";
import { inlineKeyboard } from "./keyboard.js";
import { album, gist, hasFrame, isLarge, media } from "./media.js";
import { avatar, fullName, hueOf } from "./people.js";
import { serviceText } from "./services.js";
import { say } from "./words.js";

const fewEmoji =
  /^(?:\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*\s*){1,3}$/u;

export const dayLine = (name) => el("div", { class: "day" }, el("span", {}, name));

export const serviceLine = (message) =>
  el(
    "div",
    { class: "service", data: { messageId: message.message_id } },
    el("span", { dir: "auto" }, serviceText(message)),
  );

const senderOf = (message) => message.sender_chat ?? message.from ?? message.chat;

export function bubble({ messages, first, last }, phone) {
  const [message] = messages;
  const { world } = phone;
  const sender = senderOf(message);
  const own = sender.id === phone.id;
  const named = !own && phone.view.chat.type !== "private";
  const spoken = messages.find((one) => one.caption !== undefined) ?? message;
  const reaction = phone.view.reactions.get(message.message_id);
  const bare = isLarge(message) && !message.reply_to_message;

  const content = el(
    "div",
    { class: `bubble ${bare ? "is-bare" : ""} ${hasFrame(message) ? "has-frame" : ""}` },
    named && first && !bare
      ? el("b", { class: "sender", dir: "auto", style: { "--hue": hueOf(world, sender.id) } }, fullName(sender))
      : null,
    header(message),
    quotation(message, phone),
    body(messages, spoken, phone),
    reaction ? el("span", { class: "reaction" }, reaction) : null,
  );
  const keyboard = inlineKeyboard(message, phone);
  const node = el(
    "article",
    {
      class: `message ${own ? "is-out" : "is-in"} ${first ? "is-first" : ""} ${last ? "is-last" : ""}`,
      "aria-label": `${fullName(sender)}, ${timeOf(message.date)}`,
      tabindex: "-1",
      data: messages.length > 1 ? { album: messages[0].media_group_id } : { messageId: message.message_id },
    },
    named ? el("span", { class: "gutter" }, last ? avatar(world, sender, "is-small") : null) : null,
    el("div", { class: `stack ${keyboard ? "has-keys" : ""}` }, content, keyboard),
    button(
      {
        class: "round actions",
        tabindex: "-1",
        "aria-label": say("actions"),
        on: { click: (event) => phone.showActions(message, event.currentTarget) },
      },
      icon("dots"),
    ),
  );
  return node;
}

function header(message) {
  const lines = [];
  const origin = message.forward_origin;
  if (origin) {
    const from = origin.sender_user ?? origin.sender_chat ?? origin.chat ?? { first_name: origin.sender_user_name };
    lines.push(el("small", { class: "origin", dir: "auto" }, say("forwarded", { name: fullName(from) })));
  }
  if (message.via_bot)
    lines.push(el("small", { class: "origin", dir: "auto" }, say("via", { name: `@${message.via_bot.username}` })));
  return lines;
}

function quotation(message, phone) {
  const quoted = message.reply_to_message;
  if (!quoted) return null;
  const sender = senderOf(quoted);
  return button(
    {
      class: "quotation",
      style: { "--hue": hueOf(phone.world, sender.id) },
      on: { click: () => phone.log.show(quoted.message_id) },
    },
    el("b", { dir: "auto" }, fullName(sender)),
    el("span", { dir: "auto" }, gist(quoted)),
  );
}

function body(messages, spoken, phone) {
  const text = spoken.text ?? spoken.caption;
  const shown = messages.length > 1 ? album(messages) : media(messages[0], phone);
  const large = spoken.text !== undefined && !spoken.entities?.length && fewEmoji.test(spoken.text);
  const words =
    text === undefined
      ? null
      : el(
          "span",
          { class: "text", data: { part: "text" } },
          richText(text, spoken.entities ?? spoken.caption_entities, phone),
        );
  const block = el(
    "div",
    { class: `body ${large ? "is-emoji" : ""} ${words ? "" : "is-wordless"}`, dir: "auto" },
    words,
    meta(spoken),
  );
  return spoken.show_caption_above_media ? [block, shown] : [shown, block];
}

function meta(message) {
  return el(
    "span",
    { class: "meta", title: momentOf(message.date) },
    message.edit_date ? `${say("edited")} ` : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)),
  );
}
