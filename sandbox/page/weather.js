// Weather and clock: what makes the way to the bot slow or lossy, and what makes it later.

import { button, el } from "./dom.js";
import { momentOf } from "./dates.js";
import { server } from "./server.js";
import { say } from "./words.js";

const flood = { retry_after: 3, times: 5 };

export function weatherPanel(world, tell) {
  const problem = el("p", { class: "problem", role: "alert" });
  const attempt = async (request, then) => {
    problem.textContent = "";
    try {
      then?.(await request());
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  const put = (changes) => {
    const { latency_ms = 0, loss = 0, lost_answers = 0, down = false } = world.weather;
    return attempt(() => server.weather({ latency_ms, loss, lost_answers, down, ...changes }));
  };

  const time = el("output", {}, momentOf(world.now));
  const later = (seconds) =>
    attempt(
      () => server.advance(seconds),
      (answer) => {
        world.setClock(answer.now ?? world.now + seconds);
        time.textContent = momentOf(world.now);
      },
    );

  const slider = (label, name, max, step, shown) => {
    const value = world.weather[name] ?? 0;
    const output = el("output", {}, shown(value));
    const input = el("input", {
      type: "range",
      min: "0",
      max,
      step,
      value,
      "aria-label": label,
      on: {
        input: () => (output.textContent = shown(Number(input.value))),
        change: () => put({ [name]: Number(input.value) }),
      },
    });
    return el("label", { class: "dial" }, el("span", {}, label), input, output);
  };
  const percent = (value) => `${Math.round(value * 100)} %`;
  const down = el("input", {
    type: "checkbox",
    checked: Boolean(world.weather.down),
    on: { change: () => put({ down: down.checked }) },
  });

  return [
    el("h2", {}, say("clock")),
    time,
    el(
      "div",
      { class: "pair" },
      button({ class: "quiet", on: { click: () => later(3600) } }, say("hour_later")),
      button({ class: "quiet", on: { click: () => later(86400) } }, say("day_later")),
    ),
    el("h2", {}, say("weather")),
    el("p", { class: "hint" }, say("weather_hint")),
    slider(say("latency"), "latency_ms", "3000", "100", (value) => `${value} ms`),
    slider(say("loss"), "loss", "1", "0.05", percent),
    slider(say("lost_answers"), "lost_answers", "1", "0.05", percent),
    el("label", { class: "form-check" }, down, el("span", {}, say("down"))),
    button({ class: "quiet", on: { click: () => put({ flood }) } }, say("flood")),
    button({ class: "primary", on: { click: () => attempt(() => server.weather({}), tell) } }, say("clear_skies")),
    problem,
  ];
}
