/**
 * What of an account stands in the environment as `FLOTILLA_<prefix>_<name>`, with the sandbox's well-known one where there is a sandbox.
 * undefined if nothing of it is set: the carrier is not used. Throws if some of it is missing: half an account must be noticed at the start.
 */
export const accountOf = <Name extends string>(
  settings: Readonly<Record<string, unknown>>, prefix: string, names: readonly Name[], sandboxed: (url: string) => Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> | undefined => {
  const sandbox = settings['FLOTILLA_SANDBOX_URL'];
  const known = typeof sandbox === 'string' ? sandboxed(sandbox) : undefined;
  const found = names.map((name) => [name, settings[`FLOTILLA_${prefix}_${name}`] ?? known?.[name]] as const);
  if (found.every(([, value]) => value === undefined)) return undefined;
  const [missing] = found.find(([, value]) => typeof value !== 'string') ?? [];
  if (missing !== undefined) throw new Error(`FLOTILLA_${prefix}_${missing} is not set; give the whole account, none of it, or FLOTILLA_SANDBOX_URL for the sandbox's`);
  return Object.fromEntries(found) as Record<Name, string>;
};
