/** Who is signed in; the theme; the way to the account, and out. */
import { Menu, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { LogOut, ShieldCheck, UserRound } from 'lucide-react';
import { meQuery } from '../api.ts';
import { paths } from '../paths.ts';
import { ThemeControl } from './ThemeControl.tsx';
import { useSignOut } from './sign-out.ts';
import styles from './UserMenu.module.css';

export function UserMenu() {
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate();
  const signOut = useSignOut();
  if (!me) return null;
  return (
    <Menu position="right-end" offset={10} width={240}>
      <Menu.Target>
        <UnstyledButton className={styles.avatar}>
          <span aria-hidden>{initials(me.name)}</span>
          <span className="visually-hidden">Account of {me.name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles.who}>
          <b>{me.name}</b>
          <span>{me.email}</span>
          <span>{me.tenant.name}</span>
        </div>
        <Menu.Divider />
        <div className={styles.theme}>
          <ThemeControl />
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<UserRound size={16} />} onClick={() => void navigate(paths.account())}>
          Account
        </Menu.Item>
        <Menu.Item leftSection={<ShieldCheck size={16} />} onClick={() => void navigate(paths.security())}>
          Security
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={16} />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** "Ada King" → "AK". */
function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 0x20).toUpperCase()).join('');
}
