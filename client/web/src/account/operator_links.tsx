import { operator } from "../core/config.ts";
import { useWords } from "../words/use_words.ts";
import "../styles/operator.css";
import "../words/late.ts";

const ADDRESS = /^[^\s@:/?#]+@[^\s@:/?#]+$/;

/** Where a setting of the operator leads: a mail, or a page; undefined if it is neither. */
function addressOf(setting: string): string | undefined {
  if (ADDRESS.test(setting)) return `mailto:${setting}`;
  const url = URL.parse(setting, document.baseURI);
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function OperatorLink({ href, children }: { href: string; children: string }) {
  return <a href={href} target="_blank" rel="noreferrer">{children}</a>;
}

/** How to reach the operator, and the terms, as far as `config.json` names them. */
export function OperatorLinks() {
  const { t } = useWords();
  const { contact = "", terms = "" } = operator;
  const [contactHref, termsHref] = [contact, terms].map((setting) => setting && addressOf(setting));
  if (!contactHref && !termsHref) return null;
  const name = ADDRESS.test(contact) ? t("operator.contact.at", { address: contact }) : t("operator.contact");
  return (
    <p class="operator-links">
      {contactHref && <OperatorLink href={contactHref}>{name}</OperatorLink>}
      {termsHref && <OperatorLink href={termsHref}>{t("operator.terms")}</OperatorLink>}
    </p>
  );
}

/** What a new user agrees to, if `config.json` names it. */
export function Agreement() {
  const { t } = useWords();
  const { terms } = operator;
  if (!terms || !addressOf(terms)) return null;
  return (
    <label class="check">
      <input type="checkbox" name="terms" required />
      {t("operator.agree")}
    </label>
  );
}
