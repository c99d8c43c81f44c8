/** As `ref` of the first field of a page: it has the focus when it comes. */
export function focusOnce(field: HTMLElement | null): void {
  field?.focus();
}
