// The control API, one function for each request that this page makes.

export class Refusal extends Error {}

async function ask(method, path, body) {
  const answer = await fetch(`/sandbox/${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(content.error ?? `${answer.status} ${answer.statusText}`);
  return content;
}

export const server = {
  state: () => ask("GET", "state"),
  events: (seq) => new EventSource(`/sandbox/events?after=${seq}`),
  file: (id) => `/sandbox/files/${encodeURIComponent(id)}`,
  addPerson: (person) => ask("POST", "people", person),
  changePerson: (id, changes) => ask("PATCH", `people/${id}`, changes),
  addGroup: (group) => ask("POST", "groups", group),
  join: (chat, user) => ask("POST", `groups/${chat}/members`, { user_id: user }),
  leave: (chat, user) => ask("DELETE", `groups/${chat}/members/${user}`),
  upgrade: (chat) => ask("POST", `groups/${chat}/upgrade`, {}),
  say: (id, message) => ask("POST", `people/${id}/messages`, message),
  edit: (id, edit) => ask("POST", `people/${id}/edits`, edit),
  tap: (id, tap) => ask("POST", `people/${id}/taps`, tap),
  inline: (id, query) => ask("POST", `people/${id}/inline`, query),
  choose: (id, choice) => ask("POST", `people/${id}/inline/choose`, choice),
  open: (id, link) => ask("POST", `people/${id}/open`, link),
  block: (id, blocked) => ask("POST", `people/${id}/${blocked ? "block" : "unblock"}`, {}),
  pay: (id, invoice) => ask("POST", `people/${id}/pay`, invoice),
  commands: (id, chat) => ask("GET", `people/${id}/commands?chat_id=${chat}`),
  weather: (weather) => ask("PUT", "weather", weather),
  advance: (seconds) => ask("PUT", "clock", { advance_s: seconds }),
};
