// Inline mode: "@bot words" in the text field asks the bot, and its results stand above the field.

import { button, el } from "./dom.js";
import { server } from "./server.js";
import { say } from "./words.js";

const pause = 250; // ms of quiet before the bot is asked

export class InlineMode {
  #phone;
  #list;
  #sent;
  #timer;
  #asked = 0; // only the answer to the newest question counts

  constructor(phone, list, sent) {
    this.#phone = phone;
    this.#list = list;
    this.#sent = sent;
  }

  // True when the text is an inline query.
  read(text) {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const [, name, query] = /^@(\w+)\s([^]*)$/.exec(text) ?? [];
    if (name?.toLowerCase() !== this.#phone.world.bot.username?.toLowerCase()) return false;
    this.#list.wait(say("results"), say("searching"));
    this.#timer = setTimeout(() => this.#ask(query.trim(), "", []), pause);
    return true;
  }

  async #ask(query, offset, before) {
    const asked = ++this.#asked;
    try {
      const answer = await server.inline(this.#phone.id, {
        chat_id: this.#phone.chatId,
        query,
        ...(offset ? { offset } : {}),
      });
      if (asked !== this.#asked || !this.#list.open) return; // asked anew since, or closed with Esc
      const results = [
        ...before,
        ...(answer.results ?? []).map((result) => ({ result, query: answer.inline_query_id })),
      ];
      this.#show(results, answer, query, before.length);
    } catch (error) {
      if (asked === this.#asked) this.#list.show(say("results"), [], { note: error.message });
    }
  }

  #show(results, answer, query, at) {
    const choices = results.map(({ result, query: id }) => ({
      label: result.type === "photo" && !result.title ? result.caption || say("photo") : null,
      content: result.type === "photo" || result.type === "sticker" ? tile(result) : row(result),
      pick: () => this.#choose(id, result.id),
    }));
    if (answer.next_offset) {
      choices.push({
        content: el("span", { class: "note" }, say("more_results")),
        pick: () => this.#ask(query, answer.next_offset, results),
      });
    }
    const gallery = results.length > 0 && results.every(({ result }) => result.type === "photo");
    const note = results.length ? null : say(answer.answered === false ? "no_answer" : "no_results");
    this.#list.show(say("results"), choices, {
      note,
      head: this.#head(answer.button),
      className: gallery ? "is-gallery" : "",
      at,
    });
  }

  #head(offer) {
    if (!offer) return null;
    const url = `https://t.me/${this.#phone.world.bot.username}?start=${encodeURIComponent(offer.start_parameter ?? "")}`;
    const go = () => {
      this.#sent();
      this.#phone.follow(url);
    };
    return button(
      {
        class: "suggestion-head",
        on: { click: offer.start_parameter === undefined ? () => this.#phone.toast(say("not_here")) : go },
      },
      offer.text,
    );
  }

  async #choose(queryId, resultId) {
    this.#sent();
    try {
      await server.choose(this.#phone.id, {
        chat_id: this.#phone.chatId,
        inline_query_id: queryId,
        result_id: resultId,
      });
    } catch (error) {
      this.#phone.toast(error.message);
    }
  }
}

// Only what the sandbox itself serves is shown; for pictures elsewhere a letter stands in.
function source(result) {
  const file = result.photo_file_id ?? result.sticker_file_id;
  if (file) return server.file(file);
  const url = result.thumbnail_url ?? result.photo_url;
  return url && new URL(url, location.href).origin === location.origin ? url : null;
}

function thumbnail(result, name) {
  const src = source(result);
  if (src) return el("img", { class: "thumbnail", src, alt: "" });
  return el("span", { class: "thumbnail", "aria-hidden": "true" }, [...name][0]?.toUpperCase() ?? "·");
}

function row(result) {
  const title = result.title ?? result.caption ?? result.type;
  return [
    thumbnail(result, title),
    el(
      "span",
      { class: "words" },
      el("b", { dir: "auto" }, title),
      el("small", { dir: "auto" }, result.description ?? ""),
    ),
  ];
}

const tile = (result) => [
  thumbnail(result, result.title ?? "📷"),
  result.title ? el("small", { class: "words", dir: "auto" }, result.title) : null,
];
