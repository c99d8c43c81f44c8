/** A button that is disabled while it works loses the focus: it gets it back, unless somebody has gone elsewhere. */
export function keepFocus(page: Document): void {
  let last: EventTarget | null = null;
  page.addEventListener('focusin', ({ target }) => {
    last = target;
  });
  new MutationObserver((changes) => {
    for (const { target } of changes)
      if (
        target === last &&
        target instanceof HTMLButtonElement &&
        !target.disabled &&
        page.activeElement === page.body
      )
        target.focus();
  }).observe(page, { subtree: true, attributeFilter: ['disabled'] });
}
