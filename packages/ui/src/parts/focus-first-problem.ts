/** Moves the focus to the first field of a form that says what is wrong with it, once that is shown. */
export function focusFirstProblem(form: HTMLElement): void {
  setTimeout(() => {
    const error = form.querySelector('.mantine-InputWrapper-error');
    const field = error?.closest('.mantine-InputWrapper-root') ?? error?.parentElement;
    field?.querySelector<HTMLElement>('input, textarea, select, button')?.focus();
  });
}
