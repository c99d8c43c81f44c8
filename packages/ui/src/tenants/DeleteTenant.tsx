import { deleteTenant, type Tenant } from '@lovely/api';
import { request } from '../api.ts';
import { plural } from '../format/number.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { useChange } from '../parts/use-change.ts';
import { TENANTS_KEY } from './tenants-queries.ts';

/** Deletes an organisation with everything of it, after its name has been typed. */
export function DeleteTenant({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const remove = useChange(() => request(deleteTenant, { params: { id: tenant.id }, query: { name: tenant.name } }), {
    outdated: [TENANTS_KEY],
    done: `${tenant.name} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${tenant.name}?`}
      submitLabel="Delete for good"
      typed={tenant.name}
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Its {plural(tenant.usage.devices, 'gateway')} and {plural(tenant.usage.users, 'person', 'people')} are out at
      once, and everything known of them is deleted. This cannot be taken back.
    </ConfirmDialog>
  );
}
