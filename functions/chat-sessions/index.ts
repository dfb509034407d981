import { createApi } from "../_shared/app.ts";
import { webRoutes } from "./web/index.ts";

const app = createApi({
  name: "chat-sessions",
  title: "Parley chat-sessions",
  description: "Sessions with an assistant that answers: the REST API and the pages of apis/chat-sessions.md.",
});

webRoutes(app);

export default { fetch: (request: Request) => app.fetch(request) };
