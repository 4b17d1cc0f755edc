// The list above the text field: commands or inline results. The focus stays in the field; arrow keys move the choice.

import { el } from "./dom.js";

let lists = 0;

export class Suggestions {
  #field;
  #choices = [];
  #at = -1;

  constructor(field) {
    this.#field = field;
    lists += 1;
    this.root = el("div", { class: "suggestions", role: "listbox", id: `suggestions-${lists}`, hidden: true });
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.root.id);
  }

  get open() {
    return !this.root.hidden;
  }

  // Choices are {content, label?, pick}; `note` stands where there are none, `head` before them; `at` is chosen first.
  show(label, choices, { note, head, className = "", at = 0 } = {}) {
    this.#choices = choices.map((choice, at) => ({
      ...choice,
      node: el("div", {
        class: "suggestion", role: "option", id: `${this.root.id}-${at}`, "aria-selected": "false", "aria-label": choice.label,
        // The press must not take the focus from the field.
        on: { pointerdown: (event) => event.preventDefault(), click: choice.pick },
      }, choice.content),
    }));
    const nodes = this.#choices.map(({ node }) => node);
    this.root.className = `suggestions ${className}`;
    this.root.replaceChildren(...[head, ...nodes, note && el("p", { class: "note" }, note)].filter(Boolean));
    this.root.setAttribute("aria-label", label);
    this.root.hidden = false;
    this.#select(choices.length ? at : -1);
  }

  hide() {
    this.root.hidden = true;
    this.root.replaceChildren();
    this.#choices = [];
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
    if (!this.open) return false;
    const count = this.#choices.length;
    if (event.key === "Escape") this.hide();
    else if (!count) return false;
    else if (event.key === "ArrowDown") this.#select((this.#at + 1) % count);
    else if (event.key === "ArrowUp") this.#select((this.#at - 1 + count) % count);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.#choices[this.#at].pick();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
