import type { settlement } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';

export interface Described {
  readonly version: number;
  readonly mapping: settlement.StatementMapping;
  readonly at: string;
  readonly by: string;
}

export type StatementFormatEvent =
  | { readonly type: 'StatementFormatPut'; readonly data: Described }
  | { readonly type: 'StatementFormatRetired'; readonly data: { readonly name: string; readonly at: string; readonly by: string } };

export type StatementFormatCommand =
  /** `mapping` was checked: whoever decides this has seen that it can be used. */
  | { readonly type: 'PutStatementFormat'; readonly data: Omit<Described, 'version'> }
  | { readonly type: 'RetireStatementFormat'; readonly data: { readonly name: string; readonly at: string; readonly by: string } };

export interface StatementFormats {
  /** Those that files are read by, by name. */
  readonly inForce: Readonly<Record<string, Described>>;
  /** The newest version of each that ever was: a name that comes back goes on counting. */
  readonly versions: Readonly<Record<string, number>>;
}

/** The id of the one stream, `statement-formats-all`: an import compares a header with each of them. */
export const ALL = 'all';
const most = 100;

const without = (inForce: StatementFormats['inForce'], name: string): StatementFormats['inForce'] => Object.fromEntries(Object.entries(inForce).filter(([one]) => one !== name));

/** Statement formats that merchants describe themselves. */
export const statementFormats: Decider<StatementFormats, StatementFormatCommand, StatementFormatEvent> = {
  category: 'statement-formats',
  initial: { inForce: {}, versions: {} },
  evolve: ({ inForce, versions }, event) => {
    if (event.type === 'StatementFormatRetired') return { inForce: without(inForce, event.data.name), versions };
    const { name } = event.data.mapping;
    return { inForce: { ...inForce, [name]: event.data }, versions: { ...versions, [name]: event.data.version } };
  },
  decide: (command, { inForce, versions }) => {
    if (command.type === 'RetireStatementFormat') return Object.hasOwn(inForce, command.data.name) ? [{ type: 'StatementFormatRetired', data: command.data }] : [];
    const { name } = command.data.mapping;
    const known = Object.hasOwn(inForce, name) ? inForce[name] : undefined;
    if (known !== undefined && JSON.stringify(known.mapping) === JSON.stringify(command.data.mapping)) return [];
    const before = Object.hasOwn(versions, name) ? versions[name]! : 0;
    // What was read by the version before would be new, and paid twice.
    if (known !== undefined && JSON.stringify(known.mapping.entry) !== JSON.stringify(command.data.mapping.entry)) throw new Refused('BAD_MAPPING', 'entry decides which rows are the same ones again, and stays as it is; describe a format of another name');
    if (known === undefined && Object.keys(inForce).length >= most) throw new Refused('BAD_MAPPING', `there are ${most} formats already; retire one of them`);
    return [{ type: 'StatementFormatPut', data: { ...command.data, version: before + 1 } }];
  },
};
