import { createApi } from "../_shared/app.ts";

const app = createApi({
  name: "mini-chat",
  title: "Parley mini-chat",
  description: "Rooms, direct chats and who is online: the REST API of apis/mini-chat.md.",
});

export default { fetch: (request: Request) => app.fetch(request) };
