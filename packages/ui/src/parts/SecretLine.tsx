import { Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import styles from './SecretLine.module.css';

/** A secret or a link that is shown this once, with a button that copies it. */
export function SecretLine({ label, value }: { label: string; value: string }) {
  return (
    <div className={styles.line}>
      <input
        className={styles.value}
        readOnly
        value={value}
        aria-label={label}
        spellCheck={false}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button size="sm" onClick={copy} leftSection={copied ? <Check size={15} /> : <Copy size={15} />}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
