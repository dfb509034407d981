import process from "node:process";
import { type Stack, startStack, type Status } from "../../scripts/stack.ts";
import { Wire } from "./wire.ts";

/** A stack with settings of Realtime of its own. */
export interface OwnStack extends Stack {
  status: Status & { jwt_secret: string };
  open: () => Promise<Wire>;
}

export async function ownStack(settings: Record<string, string>): Promise<OwnStack> {
  Object.assign(process.env, settings);
  const stack = await startStack();
  for (const name of Object.keys(settings)) delete process.env[name];
  const { publishable_key: key, api_url: url } = stack.status;
  return {
    status: stack.status as OwnStack["status"],
    stop: stack.stop,
    open: () => Wire.open("2.0.0", { key, url }),
  };
}
