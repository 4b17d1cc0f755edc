// What the sandbox's world looks like from here: loaded once, then kept up by events.

const typingLasts = 5500; // ms; Telegram's own "typing" ends after five seconds, too

export class World {
  bot = null;
  people = new Map();
  chats = new Map();
  typing = new Map();
  weather = {};
  seq = 0;
  #listeners = new Map();
  #ahead = 0; // how many seconds the sandbox's clock is ahead of the browser's

  // Topics: people, chats, messages (chat), arrival (chat, message), typing (chat), toast, commands, weather, clock.
  on(topic, listener) {
    if (!this.#listeners.has(topic)) this.#listeners.set(topic, new Set());
    this.#listeners.get(topic).add(listener);
    return () => this.#listeners.get(topic).delete(listener);
  }

  #tell(topic, ...details) {
    const listeners = this.#listeners.get(topic) ?? new Set();
    // One listener may end another, as when a phone is put away.
    for (const listener of [...listeners]) if (listeners.has(listener)) listener(...details);
  }

  get now() {
    return Date.now() / 1000 + this.#ahead;
  }

  setClock(now) {
    const seconds = typeof now === "number" ? now : Date.parse(now) / 1000;
    if (Number.isFinite(seconds)) this.#ahead = seconds - Date.now() / 1000;
    this.#tell("clock");
  }

  load(state) {
    this.seq = state.seq;
    this.bot = state.bot;
    this.weather = state.weather ?? {};
    this.people = new Map(state.people.map((person) => [person.id, person]));
    this.chats = new Map();
    for (const view of state.chats) {
      this.chats.set(view.chat.id, {
        chat: view.chat,
        members: new Set(view.members),
        messages: [...view.messages].sort((one, other) => one.message_id - other.message_id),
        reactions: new Map(),
      });
    }
    this.setClock(state.now);
    for (const topic of ["people", "chats", "weather", "commands"]) this.#tell(topic);
    for (const id of this.chats.keys()) this.#tell("messages", id);
  }

  apply(event) {
    if (event.seq <= this.seq) return; // replayed after a reconnect
    this.seq = event.seq;
    this.#appliers[event.type]?.(event);
  }

  #appliers = {
    person: ({ person }) => {
      this.people.set(person.id, { blocked_bot: false, ...this.people.get(person.id), ...person });
      this.#tell("people");
    },
    blocked: ({ user_id: id, blocked }) => {
      this.people.set(id, { ...this.people.get(id), blocked_bot: blocked });
      this.#tell("people");
    },
    chat: ({ chat, members }) => {
      const { messages, reactions } = this.chat(chat.id, chat);
      this.chats.set(chat.id, { chat, members: new Set(members), messages, reactions });
      this.#tell("chats");
    },
    message: ({ chat_id: id, message }) => {
      this.#put(this.chat(id, message.chat), message);
      if (message.from?.id === this.bot.id && this.typing.delete(id)) this.#tell("typing", id);
      if (message.date > this.now) this.setClock(message.date);
      this.#tell("messages", id);
      this.#tell("arrival", id, message);
    },
    edited: ({ chat_id: id, message }) => {
      this.#put(this.chat(id, message.chat), message);
      this.#tell("messages", id);
    },
    deleted: ({ chat_id: id, message_ids: gone }) => {
      const view = this.chat(id);
      view.messages = view.messages.filter((message) => !gone.includes(message.message_id));
      this.#tell("messages", id);
    },
    reaction: ({ chat_id: id, message_id: messageId, reaction }) => {
      const message = this.message(id, messageId);
      if (!message) return;
      this.chat(id).reactions.set(messageId, reaction.map(({ emoji }) => emoji).join(""));
      this.#put(this.chat(id), { ...message }); // another object, so that its bubble is drawn anew
      this.#tell("messages", id);
    },
    toast: (event) => this.#tell("toast", event),
    typing: ({ chat_id: id, action }) => {
      const until = Date.now() + typingLasts;
      this.typing.set(id, { action, until });
      this.#tell("typing", id);
      setTimeout(() => {
        if (this.typing.get(id)?.until === until && this.typing.delete(id)) this.#tell("typing", id);
      }, typingLasts);
    },
    commands: () => this.#tell("commands"),
    weather: (event) => {
      const { seq: _seq, type: _type, ...weather } = event;
      this.weather = weather.weather ?? weather;
      this.#tell("weather");
    },
  };

  // A private chat nobody has spoken in is in no list yet, but every person has it.
  chat(id, chat = { id, type: "private" }) {
    if (!this.chats.has(id)) this.chats.set(id, { chat, members: new Set([id]), messages: [], reactions: new Map() });
    return this.chats.get(id);
  }

  // Ids grow with time, so nearly every message goes to the end.
  #put(view, message) {
    const list = view.messages;
    let at = list.length;
    while (at > 0 && list[at - 1].message_id > message.message_id) at -= 1;
    if (at > 0 && list[at - 1].message_id === message.message_id) list[at - 1] = message;
    else list.splice(at, 0, message);
  }

  message(chatId, messageId) {
    return this.chats.get(chatId)?.messages.findLast((message) => message.message_id === messageId);
  }

  // The chat with the bot first, then groups and talks with other people; a group that became a supergroup has gone
  // there. A chat with the bot has the id of its person and is nobody else's.
  chatsOf(personId) {
    const others = [...this.chats.values()].filter(
      (view) => !this.people.has(view.chat.id) && view.members.has(personId) && !this.successor(view),
    );
    return [this.chat(personId), ...others];
  }

  talkOf(onePerson, otherPerson) {
    return this.chatsOf(onePerson).find(({ chat, members }) => chat.type === "private" && members.has(otherPerson));
  }

  successor(view) {
    const moved = view.messages.findLast((message) => message.migrate_to_chat_id)?.migrate_to_chat_id;
    return this.chats.has(moved) ? moved : undefined;
  }
}
