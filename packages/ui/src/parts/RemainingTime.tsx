import { exactly, remaining } from '../format/time.ts';
import { useNowText } from '../format/use-now.ts';

/** "4 h left" that keeps itself true, with the exact time on hover. */
export function RemainingTime({ time }: { time: string }) {
  const text = useNowText((now) => remaining(time, now));
  return (
    <time dateTime={time} title={exactly(time)} className="numeric">
      {text}
    </time>
  );
}
