import { failed, type Finding, ok, skipped, warning } from "./finding.ts";
import { field, type ProjectApi } from "./project_api.ts";

const EXPOSE = "Add chat to the exposed schemas, in the settings of the Data API.";
const PUSH = "Run npx supabase db push.";

/** Whether the Data API shows the schema, and which release it has. */
export async function checkData(api: ProjectApi, release: string): Promise<Finding[]> {
  const { status, body } = await api.data("rooms?limit=0");
  const code = field(body, "code");
  if (code === "PGRST106") return [failed("schema", "The Data API does not show the schema chat.", EXPOSE)];
  if (code === "PGRST002" || code === "3F000" || status === 503) {
    return [failed("schema", "The Data API cannot read its schemas: chat is exposed, but may not be there.", PUSH)];
  }
  if (code === "PGRST205" || code === "42P01") return [failed("schema", "The schema chat has no rooms.", PUSH)];
  if (status !== 200 && code !== "42501") {
    return [
      failed("schema", `The Data API answers ${status} ${String(code ?? "")}.`, "Look into the project's API logs."),
    ];
  }
  return [ok("schema", "The Data API shows the schema chat."), await checkRelease(api, release)];
}

async function checkRelease(api: ProjectApi, release: string): Promise<Finding> {
  const { status, body } = await api.data("rpc/version", { method: "POST", body: "{}", key: api.secretKey ?? api.key });
  if (status === 200) return compared("release", "The database", String(body), release);
  const code = field(body, "code");
  if (code === "PGRST202") {
    return failed(
      "release",
      "The database is older than 1.0.0.",
      "Parley before 1.0.0 has no upgrade: export, remove, add.",
    );
  }
  if (code === "42501") {
    return skipped("release", "Only signed-in users may ask which release it is.", "Add --secret-key.");
  }
  if (status === 401) {
    return failed("release", "The project refuses the secret key.", "Copy it again from the project's API keys.");
  }
  return failed("release", `The database does not say its release: ${status} ${String(code ?? "")}.`, PUSH);
}

/** Whether two parts have the release of this package. */
export function compared(check: string, part: string, found: string, release: string): Finding {
  if (found === release) return ok(check, `${part} has Parley ${found}.`);
  const says = `${part} has Parley ${found}, this program is of ${release}.`;
  if (isOlder(release, found)) return warning(check, says, "Use the program of that release.");
  const todo = "Run npx parley-cli upgrade, npx supabase db push and npx supabase functions deploy --use-api.";
  return (found.split(".")[0] === release.split(".")[0] ? warning : failed)(check, says, todo);
}

function isOlder(one: string, other: string): boolean {
  return one.localeCompare(other, "en", { numeric: true }) < 0;
}
