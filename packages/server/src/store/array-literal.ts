/**
 * Arrays of ids and numbers as PostgreSQL reads them. The driver would look at each element for what needs a quote, which
 * costs more than all else where thousands of rows are written a second.
 */
export function arrayLiteral(elements: readonly (string | number)[]): string {
  return `{${elements.join(',')}}`;
}
