/** A video or a photo, of its bytes, by which it is stored. */
export interface Media {
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
}
