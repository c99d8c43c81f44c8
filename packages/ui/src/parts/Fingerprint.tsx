import { CopyButton, Tooltip, UnstyledButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import styles from './Fingerprint.module.css';

/** A key's fingerprint in groups that can be compared by eye; a click copies it. */
export function Fingerprint({ value }: { value: string }) {
  const pairs = value.split(':');
  const groups = Array.from({ length: Math.ceil(pairs.length / 4) }, (_, index) =>
    pairs.slice(index * 4, index * 4 + 4).join(':'),
  );
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : 'Copy the fingerprint'}>
          <UnstyledButton className={styles.fingerprint} onClick={copy}>
            <span className="visually-hidden">Copy the fingerprint</span>
            {groups.map((group, index) => (
              <span key={index}>{group}</span>
            ))}
            {copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}
