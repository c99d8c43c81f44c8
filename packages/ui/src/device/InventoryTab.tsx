export function InventoryTab() {
  return null;
}
