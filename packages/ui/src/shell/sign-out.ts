import { deleteLogin } from '@lovely/api';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { request } from '../api.ts';
import { paths } from '../paths.ts';

/** Signs out, forgets everything that was shown, and leads to sign-in. */
export function useSignOut(): () => Promise<void> {
  const queryClient = useQueryClient();
  const router = useRouter();
  return async () => {
    await request(deleteLogin);
    await router.navigate(paths.signIn());
    queryClient.clear();
  };
}
