/** For what came with the system or was made here: the one can be made as it came, the other can be deleted. */
import { Menu } from '@mantine/core';
import { RotateCcw, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { RowMenu } from './RowMenu.tsx';

interface Way {
  readonly change: { readonly isPending: boolean; readonly error: unknown };
  readonly run: (close: () => void) => void;
  /** What is said before it is done. */
  readonly words: ReactNode;
}

export function OriginMenu({
  of: { title, origin, edited },
  reset,
  remove,
}: {
  of: { readonly title: string; readonly origin: 'built-in' | 'own'; readonly edited: boolean };
  reset: Way;
  remove: Way;
}) {
  const [isAsked, setAsked] = useState(false);
  const close = (): void => setAsked(false);
  const isBuiltIn = origin === 'built-in';
  if (isBuiltIn && !edited) return null;
  const way = isBuiltIn ? reset : remove;
  return (
    <>
      <RowMenu label={`Actions for ${title}`}>
        {isBuiltIn ? (
          <Menu.Item leftSection={<RotateCcw size={15} />} onClick={() => setAsked(true)}>
            Make it as it came…
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setAsked(true)}>
            Delete…
          </Menu.Item>
        )}
      </RowMenu>
      {isAsked && (
        <ConfirmDialog
          title={isBuiltIn ? `Make ${title} as it came?` : `Delete ${title}?`}
          submitLabel={isBuiltIn ? 'Make it as it came' : 'Delete'}
          change={way.change}
          onConfirm={() => way.run(close)}
          onClose={close}
        >
          {way.words}
        </ConfirmDialog>
      )}
    </>
  );
}
