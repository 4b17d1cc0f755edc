// One person's phone: who they are, their chats, the open chat and the place to write.

import { ChatLog } from "./chat.js";
import { Composer } from "./composer.js";
import { button, el, rove } from "./dom.js";
import { icon } from "./icons.js";
import { copy } from "./keyboard.js";
import { readLink } from "./links.js";
import { avatar, chatFace, chatName, fullName, hueOf } from "./people.js";
import { pickChat } from "./picker.js";
import { attachMenu, openMenu } from "./popovers.js";
import { phoneMenu } from "./phonemenu.js";
import { server } from "./server.js";
import { Toasts, openAlert } from "./sheets.js";
import { languages, say, scriptOf } from "./words.js";

const frame = 16; // ms
const tabMargin = 40; // px, so that the neighbour peeps out

export class Phone {
  #unread;
  #drawing = null;
  #shown = null; // the person as the header has them
  #ends = [];

  constructor(world, unread, id) {
    this.world = world;
    this.id = id;
    this.chatId = id;
    this.#unread = unread;
    this.toasts = new Toasts();
    this.face = el("span", { class: "face" });
    this.name = el("h2", { dir: "auto" });
    this.detail = el("small", { dir: "auto" });
    this.language = el("select", {
      "aria-label": say("language"),
      on: { change: () => this.#speak(this.language.value) },
    });
    const more = button({ class: "round", "aria-label": say("more") }, icon("dots"));
    const header = el(
      "header",
      { class: "phone-head" },
      this.face,
      el("div", { class: "who" }, this.name, this.detail),
      this.language,
      more,
    );
    this.tabs = el("div", { class: "tabs", role: "tablist", "aria-label": say("chats") });
    rove(this.tabs, "[role=tab]");
    this.composer = new Composer(this);
    this.panel = el("div", { class: "panel", role: "tabpanel", id: `chat-of-${id}` });
    this.root = el(
      "section",
      { class: "phone", data: { person: id } },
      header,
      this.tabs,
      this.panel,
      this.composer.root,
      this.toasts.root,
    );
    attachMenu(more, { label: say("more"), items: () => phoneMenu(this) });
    this.#listen();
    this.#showPerson();
    this.openChat(id);
  }

  get person() {
    return this.world.people.get(this.id);
  }

  get view() {
    return this.world.chat(this.chatId);
  }

  #listen() {
    const { world } = this;
    const here = (listener) => (chatId) => chatId === this.chatId && listener();
    this.#ends = [
      world.on("people", () => (this.#showPerson(), this.composer.sync())),
      world.on("chats", () => this.#chatsChanged()),
      world.on(
        "messages",
        here(() => this.#messagesChanged()),
      ),
      world.on("clock", () => this.log.sync()),
      world.on(
        "typing",
        here(() => this.log.showTyping(world.typing.get(this.chatId))),
      ),
      world.on("commands", () => this.composer.loadCommands()),
      world.on("toast", (toast) => toast.user_id === this.id && this.#answered(toast)),
      this.#unread.on((person) => person === this.id && this.#showTabs()),
    ];
  }

  putAway() {
    for (const end of this.#ends) end();
    clearTimeout(this.#drawing);
    this.log.close();
    this.#unread.putAway(this.id);
    this.root.remove();
  }

  #showPerson() {
    const { person } = this;
    if (!person || person === this.#shown) return;
    this.#shown = person;
    const code = (person.language_code ?? "en").toLowerCase();
    this.root.setAttribute("aria-label", say("phone", { name: person.first_name }));
    this.root.style.setProperty("--hue", hueOf(this.world, this.id));
    // What the bot says is in the person's language, the page's own words are not.
    for (const place of [this.panel, this.composer.keys, this.composer.list.root]) place.lang = scriptOf(code);
    this.face.replaceChildren(avatar(this.world, person));
    this.name.textContent = fullName(person);
    this.detail.textContent = person.username ? `@${person.username}` : `ID ${person.id}`;
    const known = { ...languages, ...(code in languages ? {} : { [code]: code }) };
    this.language.replaceChildren(
      ...Object.entries(known).map(([value, name]) => el("option", { value, selected: value === code }, name)),
    );
    this.composer.loadCommands();
  }

  #showTabs() {
    const focused = this.tabs.contains(document.activeElement);
    const tabs = this.world.chatsOf(this.id).map((view) => {
      const open = view.chat.id === this.chatId;
      const count = this.#unread.count(this.id, view.chat.id);
      return button(
        {
          class: "tab",
          role: "tab",
          "aria-selected": String(open),
          "aria-controls": this.panel.id,
          tabindex: open ? "0" : "-1",
          on: { click: () => this.openChat(view.chat.id) },
        },
        avatar(this.world, chatFace(this.world, view, this.id), "is-tiny"),
        el("span", { dir: "auto" }, chatName(this.world, view, this.id)),
        count ? el("span", { class: "badge", "aria-hidden": "true" }, count) : null,
        count ? el("span", { class: "for-ears" }, say("unread", { n: count })) : null,
      );
    });
    this.tabs.replaceChildren(...tabs);
    const open = this.tabs.querySelector("[aria-selected=true]");
    if (focused) open?.focus();
    const { offsetLeft = 0, offsetWidth = 0 } = open ?? {};
    const hidden =
      offsetLeft < this.tabs.scrollLeft || offsetLeft + offsetWidth > this.tabs.scrollLeft + this.tabs.clientWidth;
    if (hidden) this.tabs.scrollLeft = offsetLeft - tabMargin;
  }

  #chatsChanged() {
    const still = this.world.chatsOf(this.id).some((view) => view.chat.id === this.chatId);
    if (still) {
      this.#showTabs();
      this.#messagesChanged();
    } else this.openChat(this.world.successor(this.view) ?? this.id);
  }

  // A burst of messages becomes one drawing.
  #messagesChanged() {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = null;
      const successor = this.world.successor(this.view);
      if (successor) {
        this.openChat(successor);
        return;
      }
      this.log.sync();
      this.composer.sync();
    }, frame);
  }

  openChat(id) {
    this.log?.close();
    this.chatId = id;
    this.log = new ChatLog(this);
    this.panel.dataset.chat = id;
    this.panel.setAttribute("aria-label", chatName(this.world, this.view, this.id));
    this.panel.replaceChildren(this.log.root);
    this.composer.open();
    this.log.sync();
    this.log.showTyping(this.world.typing.get(id));
    this.#unread.opened(this.id, id);
  }

  compose(chatId, text) {
    if (chatId !== this.chatId) this.openChat(chatId);
    this.composer.write(text);
  }

  // Runs a request; a refusal is shown, not thrown.
  async attempt(request) {
    try {
      return await request();
    } catch (error) {
      this.toast(error.message);
      return null;
    }
  }

  say(body) {
    return this.attempt(() => server.say(this.id, { chat_id: this.chatId, ...body }));
  }

  // In a group a command names the bot it is for.
  command(text) {
    const whose = this.view.chat.type !== "private" && !text.includes("@") ? `@${this.world.bot.username}` : "";
    return this.say({ text: text + whose });
  }

  block(blocked) {
    return this.attempt(() => server.block(this.id, blocked));
  }

  #speak(code) {
    return this.attempt(() => server.changePerson(this.id, { language_code: code }));
  }

  async follow(url) {
    const link = readLink(url, this.world.bot.username);
    if (link.kind === "outside") window.open(link.href, "_blank", "noopener");
    else if (link.kind === "bot") this.openChat(this.id);
    else if (link.kind === "share") {
      const chat = await pickChat(this, say("choose_chat"), () => true);
      if (chat !== null) this.compose(chat, link.text);
    } else if (link.kind === "start") await this.#open({ url: link.href });
    else if (link.kind === "startgroup") {
      const chat = await pickChat(this, say("choose_group"), (kind) => kind === "group");
      if (chat !== null) await this.#open({ url: link.href, chat_id: chat });
    } else this.toast(say("not_here"));
  }

  async #open(link) {
    const answer = await this.attempt(() => server.open(this.id, link));
    if (answer) this.openChat(answer.chat_id ?? this.id);
  }

  showActions(message, anchor) {
    const text = message.text ?? message.caption;
    const items = [{ label: say("reply"), sign: "reply", action: () => this.composer.answer(message) }];
    if (message.from?.id === this.id && message.text && !message.via_bot)
      items.push({ label: say("edit"), sign: "edit", action: () => this.composer.edit(message) });
    if (text) items.push({ label: say("copy"), sign: "copy", action: () => copy(text, this) });
    openMenu(anchor, { label: say("actions"), items });
  }

  #answered({ text, show_alert: alert }) {
    if (!text) return;
    if (alert) openAlert(this.root, fullName(this.world.bot), text);
    else this.toast(text);
  }

  toast(text) {
    this.toasts.show(text);
  }
}
