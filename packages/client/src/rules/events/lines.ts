/** Puts the chunks of a log together to lines, none longer than a bound. */
import { LOG_LINE_LENGTH_MAX } from '../../limits.ts';

export class Lines {
  #decoder = new TextDecoder();
  #waiting = '';

  /** The lines that are whole now. */
  take(chunk: Uint8Array): string[] {
    const parts = (this.#waiting + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#waiting = parts.pop()!.slice(0, LOG_LINE_LENGTH_MAX);
    return parts.map((line) => line.slice(0, LOG_LINE_LENGTH_MAX));
  }

  /** Forgets a line that is not whole: what comes is of another file, or of another place in it. */
  restart(): void {
    this.#decoder = new TextDecoder();
    this.#waiting = '';
  }
}
