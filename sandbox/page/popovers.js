// Things that open beside a button: menus and small panels. The browser's own popovers bring Esc and light dismissal.

import { button, el, rove } from "./dom.js";
import { icon } from "./icons.js";

const gap = 6;

// `fill` builds the content each time it opens, so a closed popover holds nothing that is out of date.
export function attachPopover(anchor, { label, role = "dialog", className = "", fill }) {
  const panel = el("div", { popover: "auto", class: `popover ${className}`, role, "aria-label": label });
  anchor.popoverTargetElement = panel;
  anchor.setAttribute("aria-haspopup", role);
  anchor.setAttribute("aria-expanded", "false");
  panel.addEventListener("beforetoggle", ({ newState }) => {
    anchor.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    panel.replaceChildren(...fill(() => panel.hidePopover()));
    place(panel, anchor);
  });
  panel.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") panel.querySelector("button, input, select")?.focus();
    else panel.replaceChildren();
  });
  anchor.after(panel);
  return panel;
}

// Beneath the anchor or above it, at the side where there is room.
function place(panel, anchor) {
  const box = anchor.getBoundingClientRect();
  const below = innerHeight - box.bottom;
  const down = below > innerHeight / 2;
  const left = box.left < innerWidth / 2 && box.left + 300 < innerWidth;
  const px = (number) => `${Math.max(8, Math.round(number))}px`;
  panel.style.top = down ? px(box.bottom + gap) : "auto";
  panel.style.bottom = down ? "auto" : px(innerHeight - box.top + gap);
  panel.style.left = left ? px(box.left) : "auto";
  panel.style.right = left ? "auto" : px(innerWidth - box.right);
  panel.style.maxHeight = px((down ? below : box.top) - 2 * gap - 8);
}

// `items` answers [{label, sign, action}] at the moment of opening.
export function attachMenu(anchor, { label, items }) {
  const panel = attachPopover(anchor, {
    label,
    role: "menu",
    className: "menu",
    fill: (close) => menuItems(items(), close),
  });
  rove(panel, "[role=menuitem]", "vertical");
  return panel;
}

function menuItems(items, close) {
  return items.map(({ label, sign, action }) =>
    button(
      { role: "menuitem", class: "menu-item", tabindex: "-1", on: { click: () => (close(), action()) } },
      sign ? icon(sign) : null,
      el("span", { dir: "auto" }, label),
    ),
  );
}

// A menu for one occasion, beside whatever was pressed.
export function openMenu(anchor, { label, items }) {
  const panel = el("div", { popover: "auto", class: "popover menu", role: "menu", "aria-label": label });
  panel.append(...menuItems(items, () => panel.hidePopover()));
  panel.addEventListener("toggle", ({ newState }) => newState === "closed" && panel.remove());
  rove(panel, "[role=menuitem]", "vertical");
  anchor.after(panel);
  place(panel, anchor);
  panel.showPopover();
  panel.querySelector("button")?.focus();
}
