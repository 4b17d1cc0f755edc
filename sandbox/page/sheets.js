// What covers one phone only: alerts, the choice of a chat, and the toasts that pass over it.

import { button, el, rove } from "./dom.js";
import { say } from "./words.js";

const toastLasts = 3200; // ms, and some more for long texts

// Answers what `done(value)` was called with, or null when it was closed. The rest of the phone waits meanwhile.
export function openSheet(root, { role = "dialog", label, fill }) {
  return new Promise((resolve) => {
    // Whoever is writing in another phone is not interrupted there.
    const before = document.activeElement;
    const mine = before === document.body || root.contains(before);
    const others = [...root.children].filter((child) => !child.inert && !child.matches(".sheet, .toasts"));
    const done = (value = null) => {
      cover.remove();
      for (const other of others) other.inert = false;
      if (mine && before.isConnected) before.focus();
      resolve(value);
    };
    const box = el(
      "div",
      { class: "sheet-box", role, "aria-modal": "true", "aria-label": label, tabindex: "-1" },
      fill(done),
    );
    const cover = el(
      "div",
      {
        class: "sheet",
        on: {
          keydown: (event) => event.key === "Escape" && (event.stopPropagation(), done()),
          pointerdown: (event) => event.target === cover && role !== "alertdialog" && done(),
        },
      },
      box,
    );
    root.append(cover);
    for (const other of others) other.inert = true;
    if (mine) (box.querySelector("button") ?? box).focus();
  });
}

export function openAlert(root, title, text) {
  return openSheet(root, {
    role: "alertdialog",
    label: text,
    fill: (done) => [
      el("b", { dir: "auto" }, title),
      el("p", { dir: "auto" }, text),
      button({ class: "primary", on: { click: () => done() } }, say("ok")),
    ],
  });
}

export function openChoice(root, title, choices) {
  return openSheet(root, {
    label: title,
    fill: (done) => {
      const list = el(
        "div",
        { class: "choices" },
        choices.map(({ value, label, face }) =>
          button({ class: "choice", on: { click: () => done(value) } }, face, el("span", { dir: "auto" }, label)),
        ),
      );
      rove(list, ".choice", "vertical");
      return [
        el("b", {}, title),
        choices.length ? list : el("p", {}, say("no_chat")),
        button({ class: "quiet", on: { click: () => done() } }, say("cancel")),
      ];
    },
  });
}

export class Toasts {
  root = el("div", { class: "toasts", role: "status", "aria-live": "polite" });

  show(text) {
    const toast = el("p", { class: "toast", dir: "auto" }, text);
    this.root.append(toast);
    setTimeout(() => toast.remove(), toastLasts + 40 * text.length);
  }
}
