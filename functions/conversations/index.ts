import { createApi } from "../_shared/http/app.ts";
import { accountRoutes } from "./account.ts";
import { authRoutes } from "./auth.ts";
import { conversationRoutes } from "./conversations.ts";
import { messageRoutes } from "./messages.ts";

const app = createApi({
  name: "conversations",
  title: "Parley conversations",
  description: "Conversations with an assistant, as documented in docs/apis/conversations.md.",
  fields: { query: "search" },
});

authRoutes(app);
accountRoutes(app);
conversationRoutes(app);
messageRoutes(app);

export default { fetch: (request: Request) => app.fetch(request) };
