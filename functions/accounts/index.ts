import { createApi } from "../_shared/http/app.ts";
import { signInRoutes } from "./sign_in.ts";

const app = createApi({
  name: "accounts",
  title: "Parley accounts",
  description: "Signing in by username, which Supabase Auth does not know: see docs/apis/accounts.md.",
});

signInRoutes(app);

export default { fetch: (request: Request) => app.fetch(request) };
