import { createApi } from "../_shared/app.ts";
import { authRoutes } from "./auth.ts";
import { chatRoutes } from "./chats.ts";
import { messageRoutes } from "./messages.ts";
import { pinnedRoutes } from "./pinned.ts";
import { chatSocket } from "./socket.ts";
import { userRoutes } from "./users.ts";

const app = createApi({
  name: "messenger",
  title: "Parley messenger",
  description: "Private and group chats: the REST API of apis/messenger.md.",
  fields: { content: "text", room_id: "chat", message_id: "message", query: "q", forwarded_from_id: "forwarded_from" },
});

authRoutes(app);
userRoutes(app);
chatRoutes(app);
messageRoutes(app);
pinnedRoutes(app);

export default { fetch: (request: Request) => chatSocket(request) ?? app.fetch(request) };
