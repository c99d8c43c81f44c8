/** Time zones of the IANA database, as `Europe/Berlin`. */
import { z } from 'zod';

export const timeZone = z.string().max(64).refine(isTimeZone, 'a time zone of the IANA database, as Europe/Berlin');

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
