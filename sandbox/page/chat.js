// One open chat: the list of messages, kept in step with the world by changing only what changed.

import { bubble, dayLine, serviceLine } from "./bubbles.js";
import { dayName, dayOf } from "./dates.js";
import { button, calm, el } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, chatFace, fullName } from "./people.js";
import { isService } from "./services.js";
import { say } from "./words.js";

const page = 150; // entries in the document at once; earlier ones on request
const runPause = 300; // s; after this long a new run of bubbles begins
const nearBottom = 60; // px

export class ChatLog {
  #phone;
  #entries = new Map(); // key -> { node, signature }
  #shown = page;
  #stuck = true;
  #news = 0;
  #lastSeen = 0;
  #sizes;

  constructor(phone) {
    this.#phone = phone;
    this.log = el("div", {
      class: "log",
      role: "log",
      "aria-live": "polite",
      "aria-label": say("messages"),
      on: {
        keydown: (event) => this.#walk(event),
        focusin: (event) => this.#enterBy(event.target.closest("article")),
      },
    });
    this.earlier = button({ class: "pill", hidden: true, on: { click: () => this.#showEarlier() } }, say("earlier"));
    this.typing = el("div", { class: "typing", hidden: true });
    this.empty = el(
      "div",
      { class: "empty" },
      avatar(phone.world, chatFace(phone.world, phone.view, phone.id)),
      el("p", {}, say("empty")),
    );
    this.scroller = el(
      "div",
      { class: "scroller", on: { scroll: () => this.#scrolled() } },
      this.earlier,
      this.empty,
      this.log,
      this.typing,
    );
    this.pill = button({ class: "pill to-bottom", hidden: true, on: { click: () => this.toBottom(true) } });
    this.root = el("div", { class: "chat" }, this.scroller, this.pill);
    // Pictures, the composer and the keyboard change sizes after the fact; who was at the bottom stays there.
    this.#sizes = new ResizeObserver(() => this.#stuck && this.toBottom());
    this.#sizes.observe(this.log);
    this.#sizes.observe(this.scroller);
  }

  close() {
    this.#sizes.disconnect();
  }

  sync() {
    const messages = this.#phone.view.messages;
    const first = this.#entries.size === 0;
    const visible = messages.slice(-this.#shown);
    this.empty.hidden = messages.length > 0;
    this.earlier.hidden = visible.length === messages.length;
    const focus = this.#rememberFocus();
    const entries = entriesOf(visible, this.#phone.world.now);
    const nodes = entries.map((entry) => this.#nodeFor(entry, first));
    const kept = new Set(entries.map(({ key }) => key));
    for (const [key, { node }] of this.#entries) {
      if (kept.has(key)) continue;
      node.remove();
      this.#entries.delete(key);
    }
    nodes.forEach((node, at) => {
      if (this.log.childNodes[at] !== node) this.log.insertBefore(node, this.log.childNodes[at] ?? null);
    });
    focus?.();
    this.#countNews(messages, first);
    this.#enterBy(this.log.querySelector("article:focus-within") ?? [...this.log.querySelectorAll("article")].at(-1));
    if (this.#stuck) this.toBottom();
  }

  #nodeFor(entry, quiet) {
    const old = this.#entries.get(entry.key);
    if (old && sameSignature(old.signature, entry.signature)) return old.node;
    const node =
      entry.kind === "day"
        ? dayLine(entry.name)
        : entry.kind === "service"
          ? serviceLine(entry.messages[0])
          : bubble(entry, this.#phone);
    if (old) old.node.replaceWith(node);
    else if (!quiet) node.classList.add("is-new");
    this.#entries.set(entry.key, { node, signature: entry.signature });
    return node;
  }

  // An edit replaces the bubble; whoever had the focus inside keeps it at the same place.
  #rememberFocus() {
    const focused = document.activeElement;
    const article = this.log.contains(focused) ? focused.closest("article") : null;
    if (!article) return null;
    const key = [...this.#entries].find(([, { node }]) => node === article)?.[0];
    const at = [...article.querySelectorAll("button, a")].indexOf(focused);
    return () => {
      const node = this.#entries.get(key)?.node;
      if (node === article) return;
      if (!node) {
        this.#phone.composer.field.focus();
        return;
      }
      ([...node.querySelectorAll("button, a")][at] ?? node).focus({ preventScroll: true });
    };
  }

  #countNews(messages, first) {
    const newest = messages.at(-1)?.message_id ?? 0;
    const fresh = messages.filter((message) => message.message_id > this.#lastSeen);
    if (!first && !this.#stuck) this.#news += fresh.filter((message) => message.from?.id !== this.#phone.id).length;
    if (fresh.some((message) => message.from?.id === this.#phone.id)) this.#stuck = true;
    this.#lastSeen = newest;
    this.#showPill();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#stuck = scrollHeight - scrollTop - clientHeight < nearBottom;
    if (this.#stuck) this.#news = 0;
    this.#showPill();
  }

  #showPill() {
    this.pill.hidden = this.#stuck;
    this.pill.replaceChildren(icon("down"), ...(this.#news ? [say("new_messages", { n: this.#news })] : []));
    this.pill.setAttribute("aria-label", this.#news ? say("new_messages", { n: this.#news }) : say("to_bottom"));
  }

  toBottom(smoothly = false) {
    this.#stuck = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly && !calm() ? "smooth" : "instant" });
  }

  #showEarlier() {
    this.#shown += page;
    const { scrollHeight, scrollTop } = this.scroller;
    this.sync();
    this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
  }

  show(messageId) {
    const node = this.log.querySelector(`[data-message-id="${messageId}"]`);
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: calm() ? "instant" : "smooth" });
    node.focus({ preventScroll: true });
  }

  showTyping(typing) {
    this.typing.hidden = !typing;
    if (!typing) return;
    const key = typing.action === "typing" || typing.action === "choose_sticker" ? "typing" : "sending";
    const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.typing.replaceChildren(dots, say(key, { name: fullName(this.#phone.world.bot) }));
    if (this.#stuck) this.toBottom();
  }

  // One message is on the way of the Tab key, with its buttons: those of all older ones would be a hundred stops.
  #enterBy(entrance) {
    for (const node of this.log.querySelectorAll("article")) {
      const stop = node === entrance ? 0 : -1;
      if (node.tabIndex !== stop) node.tabIndex = stop;
      for (const part of node.querySelectorAll("button:not(.actions), a")) part.tabIndex = stop;
    }
  }

  // Up and down walk from message to message, Enter opens the message's actions.
  #walk(event) {
    if (!event.target.matches("article")) return;
    const all = [...this.log.querySelectorAll("article")];
    const at = all.indexOf(event.target);
    const step = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (all[step]) {
      event.preventDefault();
      this.#enterBy(all[step]);
      all[step].focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.target.querySelector(".actions").click();
    }
  }
}

const sameSignature = (one, other) => one.length === other.length && one.every((part, at) => part === other[at]);

// Days, service lines, albums and runs of bubbles. A signature holds all that an entry's look depends on.
function entriesOf(messages, now) {
  const entries = [];
  let day = null;
  for (const message of messages) {
    if (dayOf(message.date) !== day) {
      day = dayOf(message.date);
      entries.push({ key: `day ${day}`, kind: "day", name: dayName(message.date, now) });
    }
    const previous = entries.at(-1);
    if (message.media_group_id && previous.messages?.at(-1).media_group_id === message.media_group_id) {
      previous.messages.push(message);
    } else if (isService(message)) {
      entries.push({ key: message.message_id, kind: "service", messages: [message] });
    } else entries.push({ key: message.message_id, kind: "bubble", messages: [message] });
  }
  entries.forEach((entry, at) => {
    entry.first = !continues(entries[at - 1], entry);
    entry.last = !continues(entry, entries[at + 1]);
    entry.signature = [...(entry.messages ?? [entry.name]), entry.first, entry.last];
  });
  return entries;
}

function continues(one, other) {
  if (one?.kind !== "bubble" || other?.kind !== "bubble") return false;
  const before = one.messages.at(-1);
  const [after] = other.messages;
  return before.from?.id === after.from?.id && after.date - before.date < runPause;
}
