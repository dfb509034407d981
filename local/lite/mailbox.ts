import { ConsoleEmailDriver, type EmailMessage } from "@supabase/lite";
import type { LiteSettings } from "./settings.ts";

/** Prints emails instead of sending them. Their links lead to this stack, even when the page is elsewhere. */
export class Mailbox extends ConsoleEmailDriver {
  constructor(readonly settings: LiteSettings) {
    super();
  }

  override async send(message: EmailMessage): Promise<void> {
    const { siteUrl, apiUrl } = this.settings;
    const wrong = String(new URL("/auth/v1/verify", siteUrl));
    const right = (text: string) => text.replaceAll(wrong, `${apiUrl}/auth/v1/verify`);
    const { text, html } = message;
    await super.send({ ...message, ...(text && { text: right(text) }), ...(html && { html: right(html) }) });
  }
}
