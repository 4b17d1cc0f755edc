// The list above the text field: commands or inline results. The focus stays in the field; arrow keys move the choice.

import { el } from "./dom.js";

let lists = 0;

export class Suggestions {
  #field;
  #choices = [];
  #at = -1;
  #waiting = false; // newer choices are on their way: Enter must not pick an old one

  constructor(field) {
    this.#field = field;
    lists += 1;
    this.list = el("div", { role: "listbox", id: `suggestions-${lists}` });
    this.root = el("div", { class: "suggestions", hidden: true }, this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
  }

  get open() {
    return !this.root.hidden;
  }

  // What stands there stays until the newer choices come; `note` says so where nothing stands.
  wait(label, note) {
    if (!this.#choices.length) this.show(label, [], { note });
    this.#waiting = true;
  }

  // Choices are {content, label?, pick}; `note` stands where there are none, `head` before them; `at` is chosen first.
  show(label, choices, { note, head, className = "", at = 0 } = {}) {
    this.#choices = choices.map((choice, at) => ({
      ...choice,
      node: el(
        "div",
        {
          class: "suggestion",
          role: "option",
          id: `${this.list.id}-${at}`,
          "aria-selected": "false",
          "aria-label": choice.label,
          // The press must not take the focus from the field.
          on: { pointerdown: (event) => event.preventDefault(), click: choice.pick },
        },
        choice.content,
      ),
    }));
    this.list.className = className;
    this.list.replaceChildren(...this.#choices.map(({ node }) => node));
    this.list.setAttribute("aria-label", label);
    this.root.replaceChildren(...[head, this.list, note && el("p", { class: "note" }, note)].filter(Boolean));
    this.root.hidden = false;
    this.#waiting = false;
    this.#select(choices.length ? at : -1);
  }

  hide() {
    this.root.hidden = true;
    this.list.replaceChildren();
    this.#choices = [];
    this.#waiting = false;
    this.#select(-1);
  }

  #select(at) {
    this.#choices[this.#at]?.node.setAttribute("aria-selected", "false");
    this.#at = at;
    const node = this.#choices[at]?.node;
    node?.setAttribute("aria-selected", "true");
    node?.scrollIntoView({ block: "nearest" });
    if (node) this.#field.setAttribute("aria-activedescendant", node.id);
    else this.#field.removeAttribute("aria-activedescendant");
  }

  // True when the key was for the list.
  key(event) {
    if (!this.open || !this.#act(event)) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #act({ key, shiftKey }) {
    const count = this.#choices.length;
    if (key === "Escape") this.hide();
    else if (key === "Enter" && !shiftKey && this.#waiting) return true;
    else if (!count) return false;
    else if (key === "ArrowDown") this.#select((this.#at + 1) % count);
    else if (key === "ArrowUp") this.#select((this.#at - 1 + count) % count);
    else if (key === "Enter" && !shiftKey) this.#choices[this.#at].pick();
    else return false;
    return true;
  }
}
