// Where a person writes: text, commands, inline queries, files, and the bot's reply keyboard.

import { Attachments } from "./attachments.js";
import { askForLink } from "./dialogs.js";
import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { InlineMode } from "./inline.js";
import { replyKeyboard, replyMarkup } from "./keyboard.js";
import { gist } from "./media.js";
import { fullName } from "./people.js";
import { attachMenu } from "./popovers.js";
import { server } from "./server.js";
import { Suggestions } from "./suggestions.js";
import { say } from "./words.js";

const tallest = 160; // px of text field before it scrolls

export class Composer {
  #phone;
  #drafts = new Map(); // chat -> text
  #chat = null;
  #commands = [];
  #menu = null;
  #about = null; // {message, editing}: what is answered or edited
  #keyboard; // the message whose keyboard or forced reply is in force, or null
  #keyboardOpen = false;

  constructor(phone) {
    this.#phone = phone;
    this.field = el("textarea", {
      rows: "1",
      dir: "auto",
      "aria-label": say("message"),
      placeholder: say("message"),
      enterkeyhint: "send",
      on: { input: () => this.#typed(), keydown: (event) => this.#key(event), paste: (event) => this.#paste(event) },
    });
    this.list = new Suggestions(this.field);
    this.inline = new InlineMode(phone, this.list, () => this.#clear());
    this.files = new Attachments(() => this.#typed());
    this.menuButton = button(
      { class: "menu-button", hidden: true, on: { click: () => this.#openMenu() } },
      icon("menu"),
      el("span", {}, say("menu")),
    );
    this.keyboardButton = button(
      {
        class: "round",
        hidden: true,
        "aria-label": say("reply_keyboard"),
        on: { click: () => this.#showKeyboard(!this.#keyboardOpen) },
      },
      icon("keyboard"),
    );
    this.sendButton = button(
      { class: "round send", "aria-label": say("send"), disabled: true, on: { click: () => this.#send() } },
      icon("send"),
    );
    const attach = button({ class: "round", "aria-label": say("attach") }, icon("attach"));
    this.strip = el("div", { class: "strip", hidden: true });
    this.keys = el("div", { class: "keys", hidden: true });
    this.bar = el(
      "div",
      { class: "bar" },
      this.menuButton,
      attach,
      this.files.input,
      el("div", { class: "field" }, this.field, this.keyboardButton),
      this.sendButton,
    );
    this.big = button({ class: "primary is-wide", hidden: true });
    this.link = button({ class: "quiet is-wide", hidden: true, on: { click: () => askForLink(phone) } }, say("sent_link"));
    this.root = el(
      "footer",
      { class: "composer" },
      this.list.root,
      this.strip,
      this.files.root,
      this.bar,
      this.keys,
      this.big,
      this.link,
    );
    attachMenu(attach, { label: say("attach"), items: () => this.#attachable() });
  }

  open() {
    if (this.#chat !== null) this.#drafts.set(this.#chat, this.field.value);
    this.#chat = this.#phone.chatId;
    this.field.value = this.#drafts.get(this.#chat) ?? "";
    this.#about = null;
    this.#keyboard = undefined; // unlike null, it differs from "none" and so clears the other chat's
    this.#commands = [];
    this.list.hide();
    this.files.clear();
    this.loadCommands();
    this.sync();
    this.#showStrip();
  }

  async loadCommands() {
    const chat = this.#chat;
    if (chat === null) return; // no chat is open yet
    const answer = await server.commands(this.#phone.id, chat).catch(() => ({}));
    if (chat !== this.#chat) return;
    this.#commands = answer.commands ?? [];
    this.#menu = answer.menu_button ?? null;
    this.menuButton.hidden = !this.#commands.length && this.#menu?.type !== "web_app";
    this.menuButton.lastChild.textContent = this.#menu?.text ?? say("menu");
    this.menuButton.setAttribute("aria-label", this.#menu?.text ?? say("menu"));
  }

  // Start, unblock or write; and whether the bot's keyboard changed.
  sync() {
    const { person, view } = this.#phone;
    const alone = view.chat.id === person.id;
    const blocked = alone && person.blocked_bot;
    const fresh = alone && !view.messages.length;
    this.bar.hidden = blocked || fresh;
    this.big.hidden = !this.bar.hidden;
    this.link.hidden = !fresh || blocked;
    this.big.textContent = blocked ? say("unblock") : say("start");
    this.big.onclick = () => (blocked ? this.#phone.block(false) : this.#phone.say({ text: "/start" }));
    const message = replyMarkup(view, person.id, this.#phone.world.bot.id) ?? null;
    if (message !== this.#keyboard) this.#keyboardChanged(message);
    this.#showKeyboard(this.#keyboardOpen);
  }

  #keyboardChanged(message) {
    const isNew = message?.message_id !== this.#keyboard?.message_id;
    this.#keyboard = message;
    const markup = message?.reply_markup ?? {};
    this.keys.replaceChildren(...(markup.keyboard ? [replyKeyboard(message, this.#phone)] : []));
    // A keyboard already used once stays folded; a forced reply ends with the person's next word.
    const used =
      message &&
      this.#phone.view.messages.some((one) => one.from?.id === this.#phone.id && one.message_id > message.message_id);
    if (isNew) this.#keyboardOpen = Boolean(markup.keyboard) && !(markup.one_time_keyboard && used);
    this.field.placeholder = (!used && markup.input_field_placeholder) || say("message");
    if (isNew && markup.force_reply && !used) this.answer(message, false);
  }

  #showKeyboard(open) {
    this.#keyboardOpen = open;
    const has = this.keys.childElementCount > 0 && !this.bar.hidden;
    this.keyboardButton.hidden = !has;
    this.keyboardButton.setAttribute("aria-expanded", String(open));
    this.keys.hidden = !has || !open;
  }

  hideKeyboard() {
    this.#showKeyboard(false);
  }

  answer(message, focus = true) {
    this.#about = { message, editing: false };
    this.#showStrip(focus);
  }

  edit(message) {
    this.#about = { message, editing: true };
    this.field.value = message.text;
    this.#showStrip(true);
    this.#typed();
  }

  write(text) {
    this.field.value = text;
    this.field.focus();
    this.#typed();
  }

  #showStrip(focus = false) {
    this.strip.hidden = !this.#about;
    if (this.#about) {
      const { message, editing } = this.#about;
      const forget = () => {
        if (editing) this.#clear();
        this.#about = null;
        this.#showStrip(true);
      };
      this.strip.replaceChildren(
        icon(editing ? "edit" : "reply"),
        el(
          "span",
          { class: "words" },
          el("b", { dir: "auto" }, editing ? say("editing") : fullName(message.from)),
          el("span", { dir: "auto" }, gist(message)),
        ),
        button({ class: "round is-tiny", "aria-label": say("cancel"), on: { click: forget } }, icon("close")),
      );
    }
    if (focus) this.field.focus();
  }

  #typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, tallest)}px`;
    const text = this.field.value;
    this.sendButton.disabled = !text.trim() && !this.files.any;
    if (this.inline.read(text)) return;
    if (/^\/\w*$/.test(text)) this.#showCommands(text.slice(1).toLowerCase());
    else this.list.hide();
  }

  #showCommands(start) {
    const fitting = this.#commands.filter(({ command }) => command.startsWith(start));
    if (!fitting.length && start) {
      this.list.hide();
      return;
    }
    const choices = fitting.map(({ command, description }) => ({
      content: el("span", { class: "command" }, el("b", {}, `/${command}`), el("span", { dir: "auto" }, description)),
      pick: () => {
        this.#clear();
        this.#phone.command(`/${command}`);
      },
    }));
    this.list.show(say("commands"), choices, { note: choices.length ? null : say("no_commands") });
  }

  #openMenu() {
    if (this.#menu?.type === "web_app") this.#phone.toast(say("not_here"));
    else if (this.list.open) this.list.hide();
    else {
      this.#showCommands("");
      this.field.focus();
    }
  }

  #key(event) {
    if (event.isComposing) return; // an input method is still at it
    if (this.list.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "Escape" && this.#about) this.strip.querySelector("button").click();
  }

  #paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.files.add(files);
  }

  #clear() {
    this.field.value = "";
    this.#typed();
  }

  async #send() {
    const text = this.field.value.trim();
    if (!text && !this.files.any) return;
    const about = this.#about;
    const reply = about && !about.editing ? { reply_to_message_id: about.message.message_id } : {};
    const bodies = this.files.any ? await this.files.messages(text) : [{ text }];
    this.#about = null;
    this.files.clear();
    this.#clear();
    this.#showStrip();
    this.field.placeholder = say("message");
    if (about?.editing) {
      await this.#phone.attempt(() =>
        server.edit(this.#phone.id, { chat_id: this.#phone.chatId, message_id: about.message.message_id, text }),
      );
      return;
    }
    for (const body of bodies) {
      const said = await this.#phone.say({ ...body, ...reply });
      if (!said && body.text && !this.field.value) this.write(body.text);
    }
  }

  #attachable() {
    const { person } = this.#phone;
    const contact = { phone_number: "+10000000000", first_name: person.first_name, user_id: person.id };
    const send = (body) => () => this.#phone.say(body);
    return [
      { label: say("photo_or_file"), sign: "photo", action: () => this.files.input.click() },
      { label: say("sticker"), sign: "smile", action: send({ sticker: "🎉" }) },
      { label: say("location"), sign: "pin", action: send({ location: { latitude: 25.033, longitude: 121.5654 } }) },
      { label: say("voice"), sign: "voice", action: send({ voice: { duration: 4 } }) },
      { label: say("contact"), sign: "contact", action: send({ contact }) },
    ];
  }
}
