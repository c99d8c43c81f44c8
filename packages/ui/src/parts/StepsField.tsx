import { ActionIcon, Button, Input, Textarea } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import styles from './StepsField.module.css';

/** Steps in plain words, one below the other. */
export function StepsField({
  label,
  description,
  value,
  max,
  error,
  isDisabled = false,
  onChange,
}: {
  label: string;
  description?: string;
  value: readonly string[];
  /** So many steps at most. */
  max: number;
  error?: string | undefined;
  isDisabled?: boolean;
  onChange: (steps: string[]) => void;
}) {
  const id = useId();
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div" id={id}>
      <ol className={styles.steps} aria-labelledby={`${id}-label`}>
        {value.map((step, index) => (
          <li key={index}>
            <span aria-hidden>{index + 1}</span>
            <Textarea
              aria-label={`Step ${index + 1}`}
              autosize
              minRows={1}
              maxRows={5}
              value={step}
              disabled={isDisabled}
              onChange={(event) => onChange(value.with(index, event.currentTarget.value))}
            />
            {!isDisabled && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove step ${index + 1}`}
                onClick={() => onChange(value.toSpliced(index, 1))}
              >
                <X size={16} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ol>
      {!isDisabled && value.length < max && (
        <Button variant="default" size="xs" leftSection={<Plus size={14} />} onClick={() => onChange([...value, ''])}>
          Add a step
        </Button>
      )}
    </Input.Wrapper>
  );
}
