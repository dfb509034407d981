import { hopsOf } from "../network/hops.ts";
import { env } from "../settings/env.ts";
import { settings } from "../settings/relay.ts";

/**
 * Reads every setting once, so that a wrong one is known when a function starts and not when somebody needs it.
 * @throws Error that names the setting.
 */
export function checkSettings(): void {
  for (const read of [...Object.values(env), ...Object.values(settings)]) read();
  hopsOf(new Headers());
}
