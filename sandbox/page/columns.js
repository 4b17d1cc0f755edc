// Which phones lie on the table. The address remembers them (?people=1,2,3), so a reload shows the same.

import { button, el, rove } from "./dom.js";
import { avatar, fullName, hueOf } from "./people.js";
import { Phone } from "./phone.js";
import { say } from "./words.js";

const atFirst = 3; // phones shown when nobody chose
const narrow = matchMedia("(max-width: 720px)");

export class Columns {
  #world;
  #unread;
  #phones = new Map();
  #chosen; // ids, or null as long as nobody chose
  #current = null; // the one phone a narrow screen shows

  constructor(world, unread, root) {
    this.#world = world;
    this.#unread = unread;
    this.root = root;
    this.chips = el("div", { class: "chips", role: "group", "aria-label": say("people") });
    rove(this.chips, ".chip");
    const asked = new URLSearchParams(location.search).get("people");
    this.#chosen = asked === null ? null : asked.split(",").filter(Boolean).map(Number);
    world.on("people", () => this.sync());
    unread.on(() => this.#showChips());
    narrow.addEventListener("change", () => this.sync());
  }

  get shown() {
    const everybody = [...this.#world.people.keys()];
    return this.#chosen?.filter((id) => this.#world.people.has(id)) ?? everybody.slice(0, atFirst);
  }

  show(id) {
    this.#choose([...new Set([...this.shown, id])]);
    this.#current = id;
    this.sync();
    this.#phones.get(id)?.root.scrollIntoView({ inline: "nearest", block: "nearest" });
  }

  #toggle(id) {
    if (narrow.matches) this.show(id);
    else if (this.shown.includes(id)) this.#choose(this.shown.filter((other) => other !== id));
    else this.show(id);
    this.sync();
  }

  #choose(ids) {
    this.#chosen = ids;
    const address = new URL(location.href);
    address.searchParams.set("people", ids.join(","));
    // Commas stay readable.
    history.replaceState(null, "", address.href.replaceAll("%2C", ","));
  }

  sync() {
    const shown = this.shown;
    for (const [id, phone] of this.#phones) {
      if (shown.includes(id)) continue;
      phone.putAway();
      this.#phones.delete(id);
    }
    this.root.querySelector(".welcome")?.remove();
    if (!shown.includes(this.#current)) this.#current = shown[0] ?? null;
    for (const [at, id] of shown.entries()) {
      if (!this.#phones.has(id)) this.#phones.set(id, new Phone(this.#world, this.#unread, id));
      const { root } = this.#phones.get(id);
      if (this.root.children[at] !== root) this.root.insertBefore(root, this.root.children[at] ?? null);
      root.hidden = narrow.matches && id !== this.#current;
    }
    if (!shown.length) this.root.append(el("p", { class: "welcome" }, say("welcome")));
    this.#showChips();
  }

  #showChips() {
    const focused = document.activeElement?.closest?.(".chip")?.dataset.chip;
    const chips = [...this.#world.people.values()].map((person, at) => {
      const on = narrow.matches ? person.id === this.#current : this.shown.includes(person.id);
      const count = on ? 0 : this.#unread.total(person.id);
      return button(
        {
          class: "chip",
          "aria-pressed": String(on),
          tabindex: at === 0 ? "0" : "-1",
          data: { chip: person.id },
          style: { "--hue": hueOf(this.#world, person.id) },
          on: { click: () => this.#toggle(person.id) },
        },
        avatar(this.#world, person, "is-tiny"),
        el("span", { dir: "auto" }, fullName(person)),
        count ? el("span", { class: "badge", "aria-hidden": "true" }, count) : null,
        count ? el("span", { class: "for-ears" }, say("unread", { n: count })) : null,
      );
    });
    this.chips.replaceChildren(...chips);
    if (focused) this.chips.querySelector(`[data-chip="${focused}"]`)?.focus();
    if (narrow.matches) this.#showCurrentChip();
  }

  // On a phone the row of chips is longer than the screen. It is scrolled by hand: scrollIntoView would move the page, too.
  #showCurrentChip() {
    const chip = this.chips.querySelector(`[data-chip="${this.#current}"]`);
    if (!chip) return;
    const left = chip.offsetLeft - this.chips.offsetLeft;
    const { scrollLeft, clientWidth } = this.chips;
    if (left < scrollLeft || left + chip.offsetWidth > scrollLeft + clientWidth)
      this.chips.scrollLeft = left - (clientWidth - chip.offsetWidth) / 2;
  }
}
