import { createApi } from "../_shared/http/app.ts";
import { authRoutes } from "./auth.ts";
import { chatRoutes } from "./chats.ts";
import { replyRoutes } from "./reply_routes.ts";
import { sessionRoutes } from "./sessions.ts";
import { webRoutes } from "./web/index.ts";

const app = createApi({
  name: "chat-sessions",
  title: "Parley chat-sessions",
  description: "Sessions with an assistant that replies, as documented in docs/apis/chat-sessions.md.",
  fields: { content: "message" },
});

authRoutes(app);
sessionRoutes(app);
chatRoutes(app);
replyRoutes(app);
webRoutes(app);

export default { fetch: (request: Request) => app.fetch(request) };
