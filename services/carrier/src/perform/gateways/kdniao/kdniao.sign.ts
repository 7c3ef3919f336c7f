import { createHash } from 'node:crypto';

/** base64(lower-case hex of md5(RequestData + AppKey)); the form encodes it once more, as it does every field. */
export const dataSign = (requestData: string, appKey: string): string => Buffer.from(createHash('md5').update(`${requestData}${appKey}`, 'utf8').digest('hex')).toString('base64');
