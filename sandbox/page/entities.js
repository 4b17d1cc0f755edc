// Text with entities becomes elements. Offsets count UTF-16 units, as JavaScript's strings do.

import { button, el } from "./dom.js";
import { readLink } from "./links.js";
import { say } from "./words.js";

const plainTags = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

const blocks = new Set(["pre", "blockquote", "expandable_blockquote"]);

// One entity inside another nests; one that runs over the other's end is cut in two there.
export function richText(text, entities = [], phone) {
  const waiting = entities
    .map(({ offset, length, ...rest }) => ({ ...rest, start: offset, end: Math.min(offset + length, text.length) }))
    .sort((one, other) => one.start - other.start || other.end - one.end);
  return range(text, 0, text.length, waiting, phone);
}

function range(text, start, end, entities, phone) {
  const parts = [];
  let at = start;
  const waiting = [...entities];
  while (waiting.length) {
    const entity = waiting.shift();
    if (entity.start >= entity.end) continue;
    const inner = [];
    while (waiting.length && waiting[0].start < entity.end) {
      const next = waiting.shift();
      if (next.end <= entity.end) inner.push(next);
      else {
        inner.push({ ...next, end: entity.end });
        const rest = { ...next, start: entity.end };
        const place = waiting.findIndex((other) => other.start >= rest.start);
        waiting.splice(place < 0 ? waiting.length : place, 0, rest);
      }
    }
    if (entity.start > at) parts.push(text.slice(at, entity.start));
    const children = () => range(text, entity.start, entity.end, inner, phone);
    parts.push(wrap(entity, text.slice(entity.start, entity.end), children, phone));
    // A block ends its line by itself; the text's own line break would leave an empty one.
    at = entity.end + (blocks.has(entity.type) && text[entity.end] === "\n" ? 1 : 0);
  }
  if (at < end) parts.push(text.slice(at, end));
  return parts;
}

function wrap(entity, text, children, phone) {
  switch (entity.type) {
    case "url":
      return link(text, children(), phone);
    case "text_link":
      return link(entity.url, children(), phone);
    case "email":
      return el("a", { href: `mailto:${text}` }, children());
    case "phone_number":
      return el("a", { href: `tel:${text}` }, children());
    case "mention":
      return text.slice(1).toLowerCase() === phone.world.bot.username?.toLowerCase()
        ? inText(() => phone.openChat(phone.id), children())
        : el("span", { class: "reference" }, children());
    case "bot_command":
      return inText(() => phone.command(text), children());
    case "pre":
      return el("pre", { dir: "ltr", "data-language": entity.language }, el("code", {}, children()));
    case "spoiler":
      return spoiler(text, children);
    case "hashtag":
    case "cashtag":
    case "text_mention":
      return el("span", { class: "reference" }, children());
    default:
      return el(plainTags[entity.type] ?? "span", {}, children());
  }
}

// Read as a link, as it looks: the buttons of a message are those beneath it.
const inText = (act, children) => button({ class: "inline-link", role: "link", on: { click: act } }, children);

function link(url, children, phone) {
  const target = readLink(url, phone.world.bot.username);
  if (target.kind === "none") return el("span", { class: "reference" }, children);
  if (target.kind === "outside")
    return el("a", { href: target.href, target: "_blank", rel: "noopener noreferrer" }, children);
  const go = (event) => {
    event.preventDefault();
    phone.follow(url);
  };
  return el("a", { href: target.href, rel: "noopener noreferrer", on: { click: go } }, children);
}

function spoiler(text, children) {
  const reveal = () => {
    const shown = el("span", { class: "revealed", tabindex: "-1" }, children());
    cover.replaceWith(shown);
    shown.focus();
  };
  const cover = button({ class: "spoiler", "aria-label": say("spoiler"), on: { click: reveal } }, text);
  return cover;
}
