/** How many bytes of a file say what it is. */
export const HEAD = 64;

const BRANDS = /^(?:isom|iso[2-9]|mp4[12]|avc1|M4V |M4VH|M4VP|MSNV|dash|mmp4|3gp[4-9]|3g2a)$/;

/** What a file is by its first bytes, whatever its sender calls it; undefined = no video of a kind that is taken. Images share the container of MP4 (HEIC, AVIF), so its brand decides. */
export const videoKind = (head: Buffer): 'video/mp4' | 'video/quicktime' | 'video/webm' | undefined => {
  if (head.length >= 12 && head.toString('latin1', 4, 8) === 'ftyp') {
    const brand = head.toString('latin1', 8, 12);
    return brand === 'qt  ' ? 'video/quicktime' : BRANDS.test(brand) ? 'video/mp4' : undefined;
  }
  // EBML, and the document type in its header: Matroska is another.
  if (head.length >= 12 && head.readUInt32BE(0) === 0x1a45dfa3) {
    const at = head.indexOf(Buffer.from([0x42, 0x82]));
    return at > 0 && head.toString('latin1', at + 3, at + 7) === 'webm' && head[at + 2] === 0x84 ? 'video/webm' : undefined;
  }
  return undefined;
};

/** The same for photos. */
export const photoKind = (head: Buffer): 'image/jpeg' | 'image/png' | 'image/webp' | undefined => {
  const begins = head.toString('latin1', 0, 16);
  if (begins.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (begins.startsWith('\u0089PNG\r\n\u001a\n')) return 'image/png';
  return /^RIFF[^]{4}WEBP/.test(begins) ? 'image/webp' : undefined;
};
