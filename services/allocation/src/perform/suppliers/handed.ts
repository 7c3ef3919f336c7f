/** How a supplier was told. `again`: it certainly was not, and may be the next time. */
export type Handed = { readonly sent: true } | { readonly sent: false; readonly again: boolean; readonly detail: string };
