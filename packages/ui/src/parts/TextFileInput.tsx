import { Button, Textarea } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { useRef, useState, type DragEvent } from 'react';
import styles from './TextFileInput.module.css';

/** A text that is pasted, chosen as a file, or dropped as one. */
export function TextFileInput({
  label,
  description,
  placeholder,
  accept,
  value,
  rows = 8,
  onChange,
}: {
  label: string;
  description: string;
  placeholder: string;
  /** Endings of the files to choose from, as `.csv`. */
  accept: string;
  value: string;
  rows?: number;
  onChange: (text: string) => void;
}) {
  const chooser = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const read = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (file) onChange(await file.text());
  };
  const onDrag = (event: DragEvent, isInside: boolean): void => {
    event.preventDefault();
    setOver(isInside);
  };
  return (
    <div
      className={styles.input}
      data-over={isOver || undefined}
      onDragOver={(event) => onDrag(event, true)}
      onDragLeave={(event) => onDrag(event, false)}
      onDrop={(event) => {
        onDrag(event, false);
        void read(event.dataTransfer.files);
      }}
    >
      <Textarea
        label={label}
        description={description}
        placeholder={placeholder}
        rows={rows}
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div className={styles.choose}>
        <Button variant="default" size="xs" leftSection={<FileUp size={14} />} onClick={() => chooser.current?.click()}>
          Choose a file
        </Button>
        <span>or drop one here, or paste its text.</span>
        <input
          ref={chooser}
          type="file"
          accept={accept}
          hidden
          onChange={(event) => {
            void read(event.currentTarget.files);
            // The same file can be chosen again after it was mended.
            event.currentTarget.value = '';
          }}
        />
      </div>
    </div>
  );
}
