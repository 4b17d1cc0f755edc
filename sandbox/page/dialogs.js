// The forms of the page: a new person, a new group, and a link that somebody was sent.

import { button, el } from "./dom.js";
import { avatar, fullName } from "./people.js";
import { server } from "./server.js";
import { languages, say } from "./words.js";

function field(label, props) {
  return el(
    "label",
    { class: "form-field" },
    el("span", {}, label),
    el("input", { autocomplete: "off", dir: "auto", ...props }),
  );
}

function openForm(title, confirm, fields, submit) {
  const problem = el("p", { class: "problem", role: "alert" });
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", {}, title),
    fields,
    problem,
    el(
      "div",
      { class: "form-buttons" },
      button({ class: "quiet", on: { click: () => box.close() } }, say("cancel")),
      el("button", { type: "submit", class: "primary" }, confirm),
    ),
  );
  const box = el("dialog", { class: "form", "aria-label": title, on: { close: () => box.remove() } }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await submit(new FormData(form));
      box.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  });
  document.body.append(box);
  box.showModal();
}

export function askForPerson(added) {
  const options = Object.entries(languages).map(([value, name]) => el("option", { value }, name));
  openForm(
    say("add_person"),
    say("create"),
    [
      field(say("first_name"), { name: "first_name", required: true, maxlength: "64" }),
      field(`${say("last_name")} (${say("optional")})`, { name: "last_name", maxlength: "64" }),
      field(`${say("username")} (${say("optional")})`, { name: "username", pattern: "[A-Za-z][A-Za-z0-9_]{3,31}" }),
      el(
        "label",
        { class: "form-field" },
        el("span", {}, say("language")),
        el("select", { name: "language_code" }, options),
      ),
    ],
    async (form) => {
      const given = Object.fromEntries(
        [...form].filter(([, value]) => value.trim()).map(([name, value]) => [name, value.trim()]),
      );
      const person = await server.addPerson(given);
      added(person.id);
    },
  );
}

export function askForGroup(world) {
  const people = [...world.people.values()].map((person) =>
    el(
      "label",
      { class: "form-check" },
      el("input", { type: "checkbox", name: "members", value: person.id, checked: true }),
      avatar(world, person, "is-small"),
      el("span", { dir: "auto" }, fullName(person)),
    ),
  );
  openForm(
    say("new_group"),
    say("create"),
    [
      field(say("group_title"), { name: "title", required: true, maxlength: "128" }),
      el("fieldset", {}, el("legend", {}, say("members")), people),
      el(
        "label",
        { class: "form-check" },
        el("input", { type: "checkbox", name: "with_bot", checked: true }),
        avatar(world, world.bot, "is-small"),
        el("span", { dir: "auto" }, say("with_bot", { name: fullName(world.bot) })),
      ),
    ],
    (form) =>
      server.addGroup({
        title: form.get("title").trim(),
        member_ids: form.getAll("members").map(Number),
        with_bot: form.has("with_bot"),
      }),
  );
}

// Outside of the messenger: a link comes by letter or from a poster, and opens the chat before anything was said in it.
export function askForLink(phone) {
  openForm(
    say("sent_link"),
    say("open"),
    [field(say("link"), { name: "link", type: "text", inputmode: "url", required: true, placeholder: "https://t.me/…" })],
    (form) => phone.follow(form.get("link").trim()),
  );
}
