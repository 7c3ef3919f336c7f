/** What stands under a name that came from outside; `undefined` for a name that merely every object has, such as "constructor". */
export const ownOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(record, name) ? record[name] : undefined);
