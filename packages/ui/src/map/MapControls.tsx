import { UnstyledButton } from '@mantine/core';
import { Minus, Plus } from 'lucide-react';
import styles from './MapControls.module.css';

/** Nearer and farther, and whose data the world is drawn from. */
export function MapControls({ onZoom }: { onZoom: (levels: number) => void }) {
  return (
    <div className={styles.corner}>
      <small>Natural Earth · GeoNames CC BY 4.0</small>
      <div className={styles.zoom}>
        <UnstyledButton aria-label="Zoom in" onClick={() => onZoom(1)}>
          <Plus size={16} strokeWidth={2.6} aria-hidden />
        </UnstyledButton>
        <UnstyledButton aria-label="Zoom out" onClick={() => onZoom(-1)}>
          <Minus size={16} strokeWidth={2.6} aria-hidden />
        </UnstyledButton>
      </div>
    </div>
  );
}
