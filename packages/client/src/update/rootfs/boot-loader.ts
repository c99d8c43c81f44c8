/** Apart from what speaks to them, as the settings name them and every start reads those. */
export const BOOT_LOADERS = ['u-boot', 'grub-mender', 'grub'] as const;
export type BootLoader = (typeof BOOT_LOADERS)[number];
