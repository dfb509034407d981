import { createApi } from "../_shared/http/app.ts";
import { exportRoutes } from "./export.ts";
import { signInRoutes } from "./sign_in.ts";

const app = createApi({
  name: "accounts",
  title: "Parley accounts",
  description: "Signing in by username, which Supabase Auth does not know, and exports: see docs/apis/accounts.md.",
});

signInRoutes(app);
exportRoutes(app);

export default { fetch: (request: Request) => app.fetch(request) };
