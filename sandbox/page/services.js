// Messages that nobody wrote: who came, who left, what became of the group.

import { fullName } from "./people.js";
import { say } from "./words.js";

export function money(amount, currency) {
  if (currency === "XTR") return `⭐ ${amount}`;
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

function newcomers(message) {
  const others = message.new_chat_members.filter((user) => user.id !== message.from?.id);
  if (!others.length) return say("joined", { name: fullName(message.from) });
  return say("brought", { name: fullName(message.from), others: others.map(fullName).join(", ") });
}

function gone(message) {
  const other = message.left_chat_member;
  if (other.id === message.from?.id) return say("left", { name: fullName(other) });
  return say("removed", { name: fullName(message.from), other: fullName(other) });
}

const sentences = {
  new_chat_members: newcomers,
  left_chat_member: gone,
  group_chat_created: (message) => say("created", { name: fullName(message.from) }),
  supergroup_chat_created: (message) => say("created", { name: fullName(message.from) }),
  new_chat_title: (message) => say("renamed", { title: message.new_chat_title }),
  migrate_to_chat_id: () => say("upgraded"),
  migrate_from_chat_id: () => say("upgraded"),
  pinned_message: (message) => say("pinned", { name: fullName(message.from) }),
  successful_payment: ({ successful_payment: paid }) => say("paid", { sum: money(paid.total_amount, paid.currency) }),
};

const kindOf = (message) => Object.keys(sentences).find((kind) => message[kind] !== undefined);
export const isService = (message) => kindOf(message) !== undefined;
export const serviceText = (message) => sentences[kindOf(message)](message);
