/** What the content security policy of our pages refused while a browser visited them. */
import type { TestBrowser } from './browser.ts';

/** Runs before anything of a page: keeps what its policy refused, over all pages of the tab. */
const LISTEN = `addEventListener('securitypolicyviolation', (event) => {
  const told = event.violatedDirective + ' ' + event.blockedURI + ' on ' + location.pathname;
  sessionStorage.setItem('violations', (sessionStorage.getItem('violations') ?? '') + told + '\\n');
})`;

export async function listenForViolations({ page }: TestBrowser): Promise<void> {
  await page.addInitScript(LISTEN);
}

/** Those since the last look, a line each; '' for none. */
export async function violations({ page }: TestBrowser): Promise<string> {
  return await page.evaluate(
    `(() => { const told = sessionStorage.getItem('violations') ?? ''; sessionStorage.removeItem('violations'); return told; })()`,
  );
}
