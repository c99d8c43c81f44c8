/** Mender's management API: signing in (COMPAT section 3.1). */
import { LovelyError } from '../../errors.ts';
import type { Http } from '../route.ts';
import type { SignIn } from '../sign-in.ts';
import { change } from '../change.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import { revokeLogin } from '../../store/users.ts';

export function routeUseradm(http: Http, context: ApiContext, signIn: SignIn): void {
  http.post('/api/management/v1/useradm/auth/login', async (c) => {
    const [email, password] = basicCredentials(c.req.header('authorization'));
    const { token } = await signIn.withPassword(email, password, c.env.address);
    return new Response(token, { headers: { 'content-type': 'application/jwt' } });
  });

  http.post('/api/management/v1/useradm/auth/logout', async (c) => {
    const person = await requirePerson(context, c.req.raw, 'person', c.env.address);
    await change(context, person, 'login.delete', { type: 'login', id: person.via.id }, ({ database }) =>
      revokeLogin(database, person.via.id),
    );
    return c.body(null, 202);
  });
}

/** The two halves of `Authorization: Basic …` (RFC 7617), in UTF-8. */
function basicCredentials(header: string | undefined): [string, string] {
  const text = Buffer.from(/^Basic\s+(\S+)$/i.exec(header ?? '')?.[1] ?? '', 'base64').toString();
  const at = text.indexOf(':');
  if (at < 0 || text.includes('\0'))
    throw new LovelyError('bad-credentials', 'Send the e-mail address and password as Basic authorization.');
  return [text.slice(0, at), text.slice(at + 1)];
}
