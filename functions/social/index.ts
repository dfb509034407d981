import { createApi } from "../_shared/http/app.ts";
import { accountRoutes } from "./accounts.ts";
import { chatRoomRoutes } from "./chatrooms.ts";
import { friendRoutes } from "./friends.ts";
import { mediaRoutes } from "./media.ts";
import { messageRoutes } from "./messages.ts";
import { postRoutes } from "./posts.ts";
import { profileRoutes } from "./profile.ts";
import { chatSocket } from "./socket.ts";

const app = createApi({
  name: "social",
  title: "Parley social",
  description: "Profiles, posts, friends and chat rooms, as documented in docs/apis/social.md.",
  fields: { avatar_url: "image", friend_id: "username", members: "recipient" },
});

accountRoutes(app);
profileRoutes(app);
postRoutes(app);
friendRoutes(app);
chatRoomRoutes(app);
messageRoutes(app);
mediaRoutes(app);

export default { fetch: (request: Request) => chatSocket(request) ?? app.fetch(request) };
