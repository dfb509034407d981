import { type Stack, startStack } from "../support/stack.ts";
import { Wire } from "./wire.ts";

/** A stack with its own settings of Realtime, which allows public channels. */
export interface OwnStack extends Stack {
  open: () => Promise<Wire>;
}

export async function ownStack(settings: Record<string, string>): Promise<OwnStack> {
  const stack = await startStack({ env: { REALTIME_ALLOW_PUBLIC_ACCESS: "1", ...settings } });
  const { publishable_key: key, api_url: url } = stack.status;
  return {
    ...stack,
    open: () => Wire.open("2.0.0", { key, url }),
  };
}
