/** Recovery codes, shown this once, and the ways to keep them. */
import { Button, CopyButton, Modal } from '@mantine/core';
import { Check, Copy, Download, Printer, TriangleAlert } from 'lucide-react';
import { Notice } from '../parts/Notice.tsx';
import styles from './RecoveryCodes.module.css';

const FILE_NAME = 'lovely-recovery-codes.txt';

export function RecoveryCodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = `Recovery codes for the Lovely Smart System at ${location.host}\nEach works once.\n\n${codes.join('\n')}\n`;
  return (
    // A slip of the mouse must not close it: the codes never come again.
    <Modal
      opened
      onClose={onClose}
      title="Keep your recovery codes"
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <div className={styles.sheet} data-print-alone>
        <p>When your phone is lost or broken, each of these signs you in once instead of a code.</p>
        <ul className={styles.codes}>
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className={styles.ways}>
          <CopyButton value={codes.join('\n')}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                onClick={copy}
                leftSection={copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
              >
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Button
            variant="default"
            leftSection={<Download size={15} aria-hidden />}
            onClick={() => download(FILE_NAME, text)}
          >
            Download
          </Button>
          <Button variant="default" leftSection={<Printer size={15} aria-hidden />} onClick={() => print()}>
            Print
          </Button>
        </div>
        <div className={styles.end}>
          <Notice icon={TriangleAlert} tone="warn" title="They are not shown again." />
          <Button onClick={onClose} data-autofocus>
            I have kept them
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
