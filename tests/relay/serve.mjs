// Serves the functions in a process of their own, as a second worker of the platform would.
import messenger from "../../functions/messenger/index.ts";
import social from "../../functions/social/index.ts";

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
  const { pathname } = new URL(request.url);
  return pathname.startsWith("/social/") ? social.fetch(request) : messenger.fetch(request);
});
console.log(`http://127.0.0.1:${server.addr.port}`);
