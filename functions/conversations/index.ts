import { createApi } from "../_shared/app.ts";

const app = createApi({
  name: "conversations",
  title: "Parley conversations",
  description: "Conversations with an assistant: the REST API of apis/conversations.md.",
});

export default { fetch: (request: Request) => app.fetch(request) };
