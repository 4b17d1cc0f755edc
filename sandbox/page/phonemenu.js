// What a person can do besides talking: block the bot, come into groups and leave them, bring the bot along.

import { fullName } from "./people.js";
import { server } from "./server.js";
import { say } from "./words.js";

export function phoneMenu(phone) {
  const { world, person, view } = phone;
  const items = [
    person.blocked_bot
      ? { label: say("unblock"), sign: "check", action: () => phone.block(false) }
      : { label: say("block"), sign: "ban", action: () => phone.block(true) },
  ];
  const chat = view.chat;
  if (chat.type !== "private") {
    const inside = view.members.has(world.bot.id);
    items.push(
      inside
        ? {
            label: say("remove_bot"),
            sign: "close",
            action: () => phone.attempt(() => server.leave(chat.id, world.bot.id)),
          }
        : {
            label: say("bring_bot"),
            sign: "bot",
            action: () => phone.attempt(() => server.join(chat.id, world.bot.id)),
          },
    );
    if (chat.type === "group")
      items.push({ label: say("upgrade"), sign: "up", action: () => phone.attempt(() => server.upgrade(chat.id)) });
    items.push({
      label: say("leave_group"),
      sign: "leave",
      action: () => phone.attempt(() => server.leave(chat.id, phone.id)),
    });
  }
  const others = [...world.chats.values()].filter(
    (other) => other.chat.type !== "private" && !other.members.has(phone.id) && !world.successor(other),
  );
  for (const other of others) {
    items.push({
      label: say("join_group", { name: fullName(other.chat) }),
      sign: "group",
      action: () => phone.attempt(() => server.join(other.chat.id, phone.id)),
    });
  }
  return items;
}
