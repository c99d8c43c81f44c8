/** Tells screen readers when the counts of the fleet change, at most every ten seconds. */
import type { FleetSummary } from '@lovely/protocol';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { summaryQuery } from '../api.ts';
import { plural } from '../format/number.ts';
import { ANNOUNCE_INTERVAL_MS } from '../limits.ts';

export function CountAnnouncer() {
  const { data: summary } = useQuery(summaryQuery);
  const text = summary ? describe(summary) : '';
  const [announced, setAnnounced] = useState('');
  const announcedAt = useRef(0);
  useEffect(() => {
    const waitMs = Math.max(0, announcedAt.current + ANNOUNCE_INTERVAL_MS - Date.now());
    const timer = setTimeout(() => {
      announcedAt.current = Date.now();
      setAnnounced(text);
    }, waitMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div aria-live="polite" className="visually-hidden">
      {announced}
    </div>
  );
}

function describe(summary: FleetSummary): string {
  return `${plural(summary.devices, 'device')}, ${plural(summary.alerts, 'open alert')}, ${summary.pending} pending.`;
}
