/** What a variant is called, in orders and in the list of products alike: the SKU map may know it by that. A product without variants has one that is called so. */
export const titleOf = (title: string, variant: string): string => (variant === '' || variant === 'Default Title' || title.endsWith(` - ${variant}`) ? title : title === '' ? variant : `${title} - ${variant}`);
