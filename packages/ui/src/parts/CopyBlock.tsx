import { Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import styles from './CopyBlock.module.css';

/** Several lines to copy as they stand. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  return (
    <div className={styles.block}>
      <pre aria-label={label}>{text}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <Check size={14} /> : <Copy size={14} />}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
