// The choice of a chat in one phone: where an inline query goes on, where a shared text goes.

import { avatar, chatFace, fullName } from "./people.js";
import { server } from "./server.js";
import { openChoice } from "./sheets.js";

const patience = 3000; // ms

// Answers the chosen chat's id or null. `fits` is asked about kinds of chats: "bot", "group", "person". Other people
// are there to choose before anybody talked to them.
export async function pickChat(phone, title, fits) {
  const { world, id } = phone;
  const kind = ({ chat }) => (chat.id === id ? "bot" : chat.type === "private" ? "person" : "group");
  const chats = world
    .chatsOf(id)
    .map((view) => ({ kind: kind(view), value: view.chat.id, face: chatFace(world, view, id) }));
  const strangers = [...world.people.values()]
    .filter((person) => person.id !== id && !world.talkOf(id, person.id))
    .map((person) => ({ kind: "person", value: person.id, face: person }));
  const choices = [...chats, ...strangers].filter((choice) => fits(choice.kind));
  const chosen = await openChoice(
    phone.root,
    title,
    choices.map(({ value, face }) => ({ value, label: fullName(face), face: avatar(world, face, "is-small") })),
  );
  return world.people.has(chosen) && chosen !== id ? startTalk(phone, chosen) : chosen;
}

// A talk comes into being when something is asked about it; its chat arrives as an event.
async function startTalk(phone, other) {
  const { world, id } = phone;
  await phone.attempt(() => server.commands(id, other));
  return new Promise((resolve) => {
    const finish = (chat) => {
      end();
      clearTimeout(waiting);
      resolve(chat);
    };
    const look = () => {
      const talk = world.talkOf(id, other);
      if (talk) finish(talk.chat.id);
    };
    const end = world.on("chats", look);
    const waiting = setTimeout(() => finish(null), patience);
    look();
  });
}
