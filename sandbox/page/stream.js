// Keeps the world up to date: state first, then events after it. When the line breaks, both again, because a server
// that was started anew counts from the beginning and has another world.

const firstPause = 500;
const longestPause = 8000;

export function follow(server, world, tellLine) {
  let pause = firstPause;

  function again() {
    tellLine(false);
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, longestPause);
  }

  async function connect() {
    try {
      world.load(await server.state());
    } catch {
      again();
      return;
    }
    const events = server.events(world.seq);
    events.onopen = () => {
      pause = firstPause;
      tellLine(true);
    };
    events.onmessage = ({ data }) => world.apply(JSON.parse(data));
    events.onerror = () => {
      events.close();
      again();
    };
  }

  return connect();
}
