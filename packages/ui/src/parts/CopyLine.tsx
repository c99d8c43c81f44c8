import { Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import styles from './CopyLine.module.css';

/** A command to copy. */
export function CopyLine({ text }: { text: string }) {
  return (
    <div className={styles.line}>
      <code>
        <span aria-hidden>$ </span>
        {text.split(' ').map((word, index) => (
          // Lines break between words only, never after the dashes of an option.
          <span key={index}>{word} </span>
        ))}
      </code>
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
