import { createApi } from "../_shared/app.ts";
import { authRoutes } from "./auth.ts";
import { membershipRoutes } from "./membership.ts";
import { messageRoutes } from "./messages.ts";
import { peopleRoutes } from "./people.ts";
import { profileRoutes } from "./profile.ts";
import { roomRoutes } from "./rooms.ts";

const app = createApi({
  name: "mini-chat",
  title: "Parley mini-chat",
  description: "Rooms, direct chats and who is online: the REST API of apis/mini-chat.md.",
  fields: { room_id: "room", avatar_url: "avatar", members: "user_id" },
});

authRoutes(app);
profileRoutes(app);
peopleRoutes(app);
roomRoutes(app);
membershipRoutes(app);
messageRoutes(app);

export default { fetch: (request: Request) => app.fetch(request) };
