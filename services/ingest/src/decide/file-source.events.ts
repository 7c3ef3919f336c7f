/** Where a channel's files lie. The secret is named, never held. One of `sftp` and `folder`. */
export interface FileSource {
  readonly sftp: { readonly host: string; readonly port: number; readonly user: string; readonly hostKey: string; readonly path: string; readonly secret: string } | null;
  readonly folder: string;
  readonly everySeconds: number;
  /** 0: the one in force when a file is taken. */
  readonly mappingVersion: number;
  readonly paused: boolean;
}

export type FileSourceEvent =
  | { readonly type: 'FileSourcePut'; readonly data: { readonly channel: string; readonly source: FileSource; readonly at: string; readonly by: string } }
  /** It could not be looked at, or a file could not be moved: once, however long that lasts. */
  | { readonly type: 'FileSourceFailed'; readonly data: { readonly channel: string; readonly why: string; readonly at: string } }
  | { readonly type: 'FileSourceWorks'; readonly data: { readonly channel: string; readonly at: string } };
