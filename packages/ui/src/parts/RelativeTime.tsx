import { useNowText } from '../format/use-now.ts';
import { ago, exactly, toMs } from '../format/time.ts';

/** "4 min ago" that keeps itself true, with the exact time on hover. */
export function RelativeTime({ time }: { time: string | number }) {
  const text = useNowText((now) => ago(time, now));
  return (
    <time dateTime={new Date(toMs(time)).toISOString()} title={exactly(time)} className="numeric">
      {text}
    </time>
  );
}
