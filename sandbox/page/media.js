// Pictures, albums, files and the small kinds of messages.

import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, fullName } from "./people.js";
import { server } from "./server.js";
import { money } from "./services.js";
import { say } from "./words.js";

const largest = (sizes) =>
  sizes.reduce((best, size) => (size.width * size.height > best.width * best.height ? size : best));

function picture(message, { square = false } = {}) {
  const size = largest(message.photo);
  const source = server.file(size.file_id);
  const caption = message.caption ?? "";
  const img = el("img", {
    src: source,
    alt: caption || say("photo"),
    width: size.width,
    height: size.height,
    loading: "lazy",
  });
  // The shape is known before the bytes are there, so nothing jumps; very long pictures are cropped as in a messenger.
  const shape = square ? 1 : Math.min(Math.max(size.width / size.height || 1, 0.8), 2.4);
  return button(
    {
      class: "picture",
      "aria-label": say("open_photo"),
      style: { "aspect-ratio": shape, "--width": `${Math.max(size.width, 160)}px` },
      on: { click: () => enlarge(source, caption) },
    },
    img,
  );
}

function enlarge(source, caption) {
  const shut = button({ class: "round", "aria-label": say("close"), on: { click: () => box.close() } }, icon("close"));
  const box = el(
    "dialog",
    {
      class: "lightbox",
      "aria-label": say("photo"),
      on: { close: () => box.remove(), click: (event) => event.target.closest("img") || box.close() },
    },
    shut,
    el("img", { src: source, alt: caption || say("photo") }),
    caption ? el("p", { dir: "auto" }, caption) : null,
  );
  document.body.append(box);
  box.showModal();
}

export function album(messages) {
  const tiles = messages.map((message) => {
    const tile = message.photo ? picture(message, { square: messages.length > 1 }) : media(message);
    tile.dataset.messageId = message.message_id;
    return tile;
  });
  return el("div", { class: "album", data: { count: Math.min(messages.length, 10) } }, tiles);
}

const sizeNames = ["B", "KB", "MB", "GB"];
function bytes(size) {
  const step = Math.min(Math.floor(Math.log(size || 1) / Math.log(1024)), 3);
  return `${(size / 1024 ** step).toFixed(step && size / 1024 ** step < 10 ? 1 : 0)} ${sizeNames[step]}`;
}

function download(file, name) {
  return el(
    "a",
    { class: "file", href: server.file(file.file_id), download: name },
    el("span", { class: "file-icon" }, icon("file"), el("span", { class: "for-ears" }, say("download"))),
    el(
      "span",
      { class: "file-words" },
      el("b", { dir: "auto" }, name),
      el("small", {}, file.file_size ? bytes(file.file_size) : ""),
    ),
  );
}

function player(tag, file, label) {
  return el(tag, { controls: true, preload: "none", src: server.file(file.file_id), "aria-label": label });
}

const clock = (seconds = 0) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function voice({ duration }) {
  // A wave for the eye only: the sandbox's voices are silent.
  const bars = Array.from({ length: 26 }, (_, n) =>
    el("i", { style: { height: `${22 + 70 * Math.abs(Math.sin(n * 1.7) * Math.cos(n * 0.6))}%` } }),
  );
  return el(
    "div",
    { class: "voice", role: "img", "aria-label": `${say("voice")}, ${clock(duration)}` },
    icon("voice"),
    el("span", { class: "wave" }, bars),
    el("small", {}, clock(duration)),
  );
}

function place({ latitude, longitude }, venue) {
  const where = `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
  return el(
    "div",
    { class: "place" },
    el("div", { class: "map" }, icon("pin")),
    el("p", { dir: "auto" }, el("b", {}, venue?.title ?? say("location")), el("small", {}, venue?.address ?? where)),
  );
}

function card(contact, phone) {
  const user = { id: contact.user_id ?? 0, first_name: contact.first_name, last_name: contact.last_name };
  return el(
    "div",
    { class: "card" },
    avatar(phone.world, user),
    el("p", { dir: "auto" }, el("b", {}, fullName(user)), el("small", { dir: "ltr" }, contact.phone_number)),
  );
}

function invoice(bill) {
  return el(
    "div",
    { class: "invoice" },
    el("b", { dir: "auto" }, bill.title),
    el("p", { dir: "auto" }, bill.description),
    el("small", {}, say("invoice"), " · ", money(bill.total_amount, bill.currency)),
  );
}

function poll({ question, options }) {
  return el(
    "div",
    { class: "poll" },
    el("b", { dir: "auto" }, question),
    el(
      "ul",
      {},
      options.map((option) => el("li", { dir: "auto" }, option.text)),
    ),
  );
}

const kinds = {
  photo: (message) => picture(message),
  animation: ({ animation }) => player("video", animation, say("video")),
  video: ({ video }) => player("video", video, say("video")),
  video_note: ({ video_note: note }) => player("video", note, say("video")),
  audio: ({ audio }) => player("audio", audio, audio.title ?? say("audio")),
  document: ({ document: file }) => download(file, file.file_name ?? say("file")),
  sticker: ({ sticker }) =>
    el(
      "div",
      { class: "sticker", role: "img", "aria-label": `${say("sticker")} ${sticker.emoji ?? ""}` },
      sticker.emoji ?? "🏷️",
    ),
  dice: ({ dice }) =>
    el(
      "div",
      { class: "sticker", role: "img", "aria-label": `${dice.emoji} ${dice.value}` },
      dice.emoji,
      el("small", {}, dice.value),
    ),
  voice: (message) => voice(message.voice),
  venue: ({ venue }) => place(venue.location, venue),
  location: ({ location }) => place(location),
  contact: ({ contact }, phone) => card(contact, phone),
  invoice: (message) => invoice(message.invoice),
  poll: (message) => poll(message.poll),
};

const unspoken = new Set([
  "message_id",
  "date",
  "chat",
  "from",
  "sender_chat",
  "reply_markup",
  "edit_date",
  "reply_to_message",
  "via_bot",
]);

export function media(message, phone) {
  const kind = Object.keys(kinds).find((name) => message[name] !== undefined);
  if (kind) return kinds[kind](message, phone);
  if (message.text !== undefined) return null;
  const other = Object.keys(message).find((name) => !unspoken.has(name)) ?? "?";
  return el("p", { class: "other" }, say("other", { kind: other }));
}

// One line for a quotation, a chat list or the strip over the composer.
export function gist(message) {
  const kind = ["photo", "video", "audio", "sticker", "voice", "location", "contact", "invoice", "poll"].find(
    (name) => message[name],
  );
  const words = message.text ?? message.caption ?? message.document?.file_name;
  return words ?? (kind ? [say(kind), message.sticker?.emoji].filter(Boolean).join(" ") : say("message"));
}

export const isLarge = (message) => Boolean(message.sticker || message.dice);
export const hasFrame = (message) =>
  Boolean(message.photo || message.video || message.animation || message.location || message.venue);
