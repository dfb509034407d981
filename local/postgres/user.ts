/** The system user that Postgres runs as. */
export interface SystemUser {
  uid: number;
  gid: number;
}

/**
 * The user that runs Postgres, which refuses to run as root.
 * @returns undefined when Parley does not run as root: Postgres then runs as the same user.
 */
export async function postgresUser(): Promise<SystemUser | undefined> {
  if (Deno.uid() !== 0) return undefined;
  return await lookUp("postgres") ?? await create("postgres") ?? await lookUp("nobody");
}

/** Options that run a program as that user, in a folder that everyone can enter. */
export function runAs(
  user: SystemUser | undefined,
): Pick<Deno.CommandOptions, "uid" | "gid" | "cwd" | "clearEnv" | "env"> {
  // LC_ALL: the output is parsed here, so it must not be translated.
  return { ...user, cwd: "/", clearEnv: true, env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } };
}

/** Whether the user can run a program: only root may be able to enter its folder or a parent. */
export async function canRun(user: SystemUser | undefined, program: string, ...args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, { args, ...runAs(user), stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch {
    return false;
  }
}

async function lookUp(name: string): Promise<SystemUser | undefined> {
  const [uid, gid] = await Promise.all([idOf(name, "-u"), idOf(name, "-g")]);
  return uid && gid ? { uid, gid } : undefined;
}

async function idOf(name: string, flag: string): Promise<number | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("id", { args: [flag, name], stderr: "null" }).output();
    return success ? Number(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    return undefined;
  }
}

async function create(name: string): Promise<SystemUser | undefined> {
  const args = [
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir",
    "/nonexistent",
    "--shell",
    "/bin/false",
    name,
  ];
  try {
    const { success } = await new Deno.Command("useradd", { args, stdout: "null", stderr: "null" }).output();
    return success ? await lookUp(name) : undefined;
  } catch {
    return undefined;
  }
}
