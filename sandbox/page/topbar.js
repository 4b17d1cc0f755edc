// The bar above the phones: what this is, who is there, and what concerns the whole sandbox.

import { askForGroup, askForPerson } from "./dialogs.js";
import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { fullName } from "./people.js";
import { attachMenu, attachPopover } from "./popovers.js";
import { currentTheme, nextTheme } from "./theme.js";
import { weatherPanel } from "./weather.js";
import { say } from "./words.js";

const themeSigns = { auto: "auto", light: "sun", dark: "moon" };

export function fillTopbar(root, world, columns) {
  const bot = el("span", { class: "bot-name", dir: "auto" });
  const line = el("p", { class: "line", "aria-live": "polite" });
  const add = button({ class: "pill-button" }, icon("add"), el("span", {}, say("add")));
  const weather = button({ class: "round", "aria-label": say("weather"), title: say("weather") }, icon("weather"));
  const theme = button({ class: "round", on: { click: () => (nextTheme(), showTheme()) } });

  function showTheme() {
    const label = say("theme", { theme: say(`theme_${currentTheme()}`) });
    theme.replaceChildren(icon(themeSigns[currentTheme()]));
    theme.setAttribute("aria-label", label);
    theme.title = label;
  }

  root.append(
    el(
      "div",
      { class: "brand" },
      el("img", { src: "./icon.svg", alt: "", width: "30", height: "30" }),
      el("h1", {}, say("title")),
      bot,
    ),
    columns.chips,
    line,
    el("div", { class: "tools" }, add, weather, theme),
  );
  attachMenu(add, {
    label: say("add"),
    items: () => [
      { label: say("add_person"), sign: "person", action: () => askForPerson((id) => columns.show(id)) },
      { label: say("new_group"), sign: "group", action: () => askForGroup(world) },
    ],
  });
  attachPopover(weather, { label: say("weather"), className: "weather", fill: (close) => weatherPanel(world, close) });
  showTheme();

  world.on("people", () => {
    bot.textContent = fullName(world.bot);
    document.title = `${say("title")} · ${fullName(world.bot)}`;
  });
  world.on("weather", () => {
    const { latency_ms: latency, loss, lost_answers: lost, down, flood } = world.weather;
    weather.classList.toggle("is-rough", Boolean(latency || loss || lost || down || flood));
  });
  return (whole) => (line.textContent = whole ? "" : say("lost_line"));
}
