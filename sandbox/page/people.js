// Names, colours and avatars of people, of the bot and of groups.

import { el } from "./dom.js";
import { icon } from "./icons.js";

// Hues that stay apart from each other, in the order people come.
const hues = [274, 158, 30, 330, 80, 225, 0, 125, 300, 190];

export function fullName(user) {
  return [user.first_name, user.last_name].filter(Boolean).join(" ") || user.title || user.username || String(user.id);
}

export function hueOf(world, id) {
  const order = [...world.people.keys()].indexOf(id);
  return order < 0 ? 250 : hues[order % hues.length];
}

function initials(name) {
  const letters = name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => [...word][0]);
  // Chinese names have no spaces: one character stands for the whole.
  return letters.slice(0, 2).join("").toUpperCase() || "?";
}

export function avatar(world, user, size = "") {
  const isBot = user.id === world.bot?.id;
  const isGroup = Boolean(user.title);
  return el(
    "span",
    {
      class: `avatar ${size} ${isBot ? "is-bot" : isGroup ? "is-group" : ""}`,
      style: { "--hue": hueOf(world, user.id) },
      "aria-hidden": "true",
    },
    isBot ? icon("bot") : initials(fullName(user)),
  );
}

// Who or what a chat is from where a person sits: the bot, somebody else, or the group itself.
export function chatFace(world, view, personId) {
  if (view.chat.id === personId) return world.bot;
  if (view.chat.type !== "private") return view.chat;
  return world.people.get([...view.members].find((id) => id !== personId)) ?? view.chat;
}

export const chatName = (world, view, personId) => fullName(chatFace(world, view, personId));
