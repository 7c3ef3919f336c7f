/** Three hulls in line ahead. */
export const Mark = ({ size = 20 }: { readonly size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="var(--mantine-primary-color-filled)" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round">
    <path d="M3 17h6l-1.2 3H4.2z M9.5 12h6l-1.2 3h-3.6z M16 7h5.5l-1.1 3h-3.3z" fill="var(--mantine-primary-color-light)" />
    <path d="M6 17V9l3 5 M12.500 12V5l3 4.500 M18.700 7V2.500l2 3" strokeWidth="1.6" />
  </svg>
);
