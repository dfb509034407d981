// Serves the functions in a process of their own, as a second worker of the platform would.
const apis = ["assistant", "accounts", "messenger", "social", "mini-chat", "conversations", "chat-sessions", "jobs"];
const load = async (api) => [api, (await import(`../../functions/${api}/index.ts`)).default];
const functions = new Map(await Promise.all(apis.map(load)));

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
  const [, api] = new URL(request.url).pathname.split("/");
  return (functions.get(api) ?? functions.get("messenger")).fetch(request);
});
console.log(`http://127.0.0.1:${server.addr.port}`);
