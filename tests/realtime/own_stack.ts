import { type Stack, startStackWith, type Status } from "../../scripts/stack.ts";
import { Wire } from "./wire.ts";

/** A stack with settings of Realtime of its own, whose channels may be public. */
export interface OwnStack extends Stack {
  status: Status & { jwt_secret: string };
  open: () => Promise<Wire>;
}

export async function ownStack(settings: Record<string, string>): Promise<OwnStack> {
  const stack = await startStackWith({ REALTIME_ALLOW_PUBLIC_ACCESS: "1", ...settings });
  const { publishable_key: key, api_url: url } = stack.status;
  return {
    status: stack.status as OwnStack["status"],
    stop: stack.stop,
    open: () => Wire.open("2.0.0", { key, url }),
  };
}
