/** Where the console shows a thing; undefined for what has no page. */
export const subjectPath = (kind: string, id: string): string | undefined => {
  const name = encodeURIComponent(id);
  switch (kind) {
    case 'ORDER':
      return `/orders/${name}`;
    case 'PARCEL':
      return `/tracking?parcel=${name}`;
    case 'SKU':
      return `/stock?sku=${name}`;
    case 'WAREHOUSE':
      return `/stock?warehouse=${name}`;
    case 'CARRIER':
      return `/tracking?carrier=${name}`;
    case 'CHANNEL':
      return `/parked?channel=${name}`;
    default:
      return undefined;
  }
};

export const orderPath = (orderId: string): string => `/orders/${encodeURIComponent(orderId)}`;
