// How many messages each person has not seen in each chat: those that came while another chat was open in their phone,
// or while the phone was not on the table.

export class Unread {
  #counts = new Map(); // "person chat" -> number
  #open = new Map(); // person -> chat
  #listeners = new Set();

  constructor(world) {
    world.on("arrival", (chatId, message) => {
      for (const person of world.chat(chatId).members) {
        if (!world.people.has(person) || message.from?.id === person || this.#open.get(person) === chatId) continue;
        const key = `${person} ${chatId}`;
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
        this.#tell(person);
      }
    });
  }

  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(person) {
    for (const listener of this.#listeners) listener(person);
  }

  count(person, chat) {
    return this.#counts.get(`${person} ${chat}`) ?? 0;
  }

  total(person) {
    return [...this.#counts].reduce((sum, [key, count]) => (key.startsWith(`${person} `) ? sum + count : sum), 0);
  }

  opened(person, chat) {
    this.#open.set(person, chat);
    this.#counts.delete(`${person} ${chat}`);
    this.#tell(person);
  }

  putAway(person) {
    this.#open.delete(person);
  }
}
