import { span, toMs } from '../format/time.ts';
import { useNowText } from '../format/use-now.ts';
import { Chip } from '../parts/Chip.tsx';
import { deviceState, type DeviceStateInput } from './state.ts';

/** A device's state, e.g. "Healthy", "Offline for 14 min". */
export function StateChip({ device }: { device: DeviceStateInput }) {
  const { tone, icon, label, since } = deviceState(device);
  const text = useNowText((now) => (since === null ? label : `${label} for ${span(now - toMs(since))}`));
  return (
    <Chip tone={tone} icon={icon}>
      {text}
    </Chip>
  );
}
