import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { FileSource, FileSourceEvent } from './file-source.events.js';

export type FileSourceCommand =
  | { readonly type: 'PutFileSource'; readonly data: { readonly channel: string; readonly source: FileSource; readonly at: string; readonly by: string } }
  /** How a look at it ended; "": well. */
  | { readonly type: 'NoteLook'; readonly data: { readonly channel: string; readonly why: string; readonly at: string } };

/** null: none was ever put. */
export type FileSourceState = { readonly source: FileSource; readonly putAt: string; readonly problem: string; readonly problemSince: string } | null;

const evolve = (state: FileSourceState, { type, data }: FileSourceEvent): FileSourceState => {
  switch (type) {
    case 'FileSourcePut':
      return { source: data.source, putAt: data.at, problem: '', problemSince: '' };
    case 'FileSourceFailed':
      return state && { ...state, problem: data.why, problemSince: data.at };
    case 'FileSourceWorks':
      return state && { ...state, problem: '', problemSince: '' };
    default:
      return state;
  }
};

const put = ({ data }: Of<FileSourceCommand, 'PutFileSource'>, state: FileSourceState): readonly FileSourceEvent[] => {
  const source = checkedSource(data.source);
  return JSON.stringify(source) === JSON.stringify(state?.source) ? [] : [{ type: 'FileSourcePut', data: { ...data, source } }];
};

// What goes wrong in one way is one problem, until it goes wrong in another or not at all.
const note = ({ data: { channel, why, at } }: Of<FileSourceCommand, 'NoteLook'>, state: FileSourceState): readonly FileSourceEvent[] => {
  if (state === null || why === state.problem) return [];
  return [why === '' ? { type: 'FileSourceWorks', data: { channel, at } } : { type: 'FileSourceFailed', data: { channel, why, at } }];
};

/** Whether two places are one, or one is within the other. */
export const overlap = (a: FileSource, b: FileSource): boolean => {
  if ((a.sftp === null) !== (b.sftp === null)) return false;
  if (a.sftp === null || b.sftp === null) return within(a.folder, b.folder);
  const server = ({ host, port, user }: typeof a.sftp): string => `${host.toLowerCase()}:${port}:${user}`;
  return server(a.sftp) === server(b.sftp) && within(a.sftp.path, b.sftp.path);
};

const within = (a: string, b: string): boolean => {
  const [one, other] = [a, b].map(partsOf);
  return one!.slice(0, other!.length).join('/') === other!.slice(0, one!.length).join('/');
};

// "/in/./orders/" and "in/orders" are one folder of a server whose users begin in its root; taken for one elsewhere, too many are refused and none is taken twice.
const partsOf = (path: string): readonly string[] =>
  path.split('/').reduce<string[]>((parts, part) => (part === '' || part === '.' ? parts : part === '..' ? parts.slice(0, -1) : [...parts, part]), []);

/** Refused BAD_REQUEST. */
const checkedSource = (source: FileSource): FileSource => {
  const { sftp, folder, everySeconds } = source;
  const bad = (what: string): Refused => new Refused('BAD_REQUEST', what);
  if ((sftp === null) === (folder === '')) throw bad('name a folder or an SFTP server, and one of them alone');
  // Part by part, so that nobody leaves the folder that is for this.
  if (folder !== '' && !folder.split('/').every((part) => /^[\p{L}\p{N}_-][\p{L}\p{N}._ -]{0,59}$/u.test(part))) throw bad('folder is a path below FLOTILLA_FILES_DIR, such as "shop-1/orders"');
  if (folder.length > 200) throw bad('folder has at most 200 characters');
  if (!Number.isInteger(everySeconds) || everySeconds < 1 || everySeconds > 86_400) throw bad('every_seconds is a whole number from 1 to 86400');
  if (!Number.isInteger(source.mappingVersion) || source.mappingVersion < 0) throw bad('mapping_version is a version of the channel’s mapping, or 0');
  if (sftp === null) return source;
  if (!/^[A-Za-z0-9.:-]{1,253}$/.test(sftp.host)) throw bad('sftp.host is a name or an address');
  if (!Number.isInteger(sftp.port) || sftp.port < 1 || sftp.port > 65_535) throw bad('sftp.port is a whole number from 1 to 65535');
  if (!/^[^\s\p{C}]{1,100}$/u.test(sftp.user)) throw bad('sftp.user is needed');
  if (!/^(?:SHA256:)?[A-Za-z0-9+/]{43}=?$/.test(sftp.hostKey)) throw bad('sftp.host_key is the SHA-256 of the server’s key in base64, as "ssh-keygen -lf" shows it');
  if (!/^[^\p{C}]{1,300}$/u.test(sftp.path)) throw bad('sftp.path is a folder there');
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(sftp.secret)) throw bad('sftp.secret is a name in FLOTILLA_FILE_SECRETS, of 1 to 32 characters of A-Z, a-z, 0-9, "_" and "-"');
  return source;
};

const decide = (command: FileSourceCommand, state: FileSourceState): readonly FileSourceEvent[] => {
  switch (command.type) {
    case 'PutFileSource':
      return put(command, state);
    case 'NoteLook':
      return note(command, state);
    default:
      return unreachable(command);
  }
};

/** Where a channel's files lie, and whether they can be got at. */
export const fileSource: Decider<FileSourceState, FileSourceCommand, FileSourceEvent> = { category: 'fileSource', initial: null, evolve, decide };
