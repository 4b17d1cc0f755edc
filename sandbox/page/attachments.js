// Files on their way into a message: chosen or pasted, shown above the text field, sent as the control API wants them.

import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./words.js";

const photoTypes = new Set(["image/jpeg", "image/png", "image/webp"]);

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

export class Attachments {
  #files = [];
  #changed;

  constructor(changed) {
    this.#changed = changed;
    this.root = el("div", { class: "attachments", hidden: true });
    this.input = el("input", {
      type: "file",
      multiple: true,
      hidden: true,
      "aria-label": say("photo_or_file"),
      on: { change: () => (this.add(this.input.files), (this.input.value = "")) },
    });
  }

  get any() {
    return this.#files.length > 0;
  }

  add(files) {
    this.#files.push(...files);
    this.#render();
  }

  clear() {
    this.#files = [];
    this.#render();
  }

  #render() {
    this.root.hidden = !this.any;
    this.root.replaceChildren(...this.#files.map((file) => this.#chip(file)));
    this.#changed();
  }

  #chip(file) {
    const isPhoto = photoTypes.has(file.type);
    const source = isPhoto ? URL.createObjectURL(file) : null;
    const forget = () => {
      this.#files = this.#files.filter((other) => other !== file);
      this.#render();
    };
    return el(
      "span",
      { class: "attachment" },
      isPhoto ? el("img", { src: source, alt: "", on: { load: () => URL.revokeObjectURL(source) } }) : icon("file"),
      el("span", { class: "attachment-name", dir: "auto" }, file.name),
      button(
        { class: "round is-tiny", "aria-label": say("remove", { name: file.name }), on: { click: forget } },
        icon("close"),
      ),
    );
  }

  // One message for each file; the words go with the first.
  async messages(caption) {
    const bodies = [];
    for (const [at, file] of this.#files.entries()) {
      const content = await base64(file);
      const words = caption && at === 0 ? { caption } : {};
      bodies.push(
        photoTypes.has(file.type)
          ? { photo: content, ...words }
          : { document: { name: file.name, base64: content }, ...words },
      );
    }
    return bodies;
  }
}
