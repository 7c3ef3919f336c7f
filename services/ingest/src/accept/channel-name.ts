/** How channels are called, for descriptions of this HTTP. */
export const channelName = { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,59}$' } as const;
