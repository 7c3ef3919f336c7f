import { Alert, Skeleton, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { asRpcError, reasonText, rpc, useWords } from '../../kit/index.js';
import { words } from './words.js';

const side = { '100x150': [100, 150], '76x130': [76, 130] } as const;

/** The printer's own language as a picture; the drawing machine is large, and fetched when it is first wanted. */
const drawn = async (parcelId: string, size: keyof typeof side): Promise<string> => {
  const [{ ready }, { data }] = await Promise.all([import('zpl-renderer-js'), rpc('flotilla.carrier.v1.Parcels/Label', { parcelId, format: 'ZPL', size, preview: true })]);
  const { api } = await ready;
  const zpl = new TextDecoder().decode(Uint8Array.from(atob(data as unknown as string), (sign) => sign.charCodeAt(0)));
  const [width, height] = side[size];
  return `data:image/png;base64,${await api.zplToBase64Async(zpl, width, height, 8)}`;
};

/** A parcel's label from the ZPL that its printer would get, with the recipient masked. */
export const LabelPreview = ({ parcelId, waybill, size = '100x150' }: { readonly parcelId: string; readonly waybill: string; readonly size?: keyof typeof side }) => {
  const t = useWords(words);
  const [picture, setPicture] = useState<{ readonly of: string; readonly url?: string; readonly why?: string }>();
  const of = `${parcelId} ${waybill} ${size}`;
  useEffect(() => {
    let current = true;
    drawn(parcelId, size).then(
      (url) => current && setPicture({ of, url }),
      (error: unknown) => current && setPicture({ of, why: reasonText(asRpcError(error).reason) }),
    );
    return () => {
      current = false;
    };
  }, [of, parcelId, size]);
  const [width, height] = side[size];
  const shown = picture?.of === of ? picture : undefined;
  return (
    <figure className="st-label">
      {shown?.url ? (
        <img src={shown.url} alt={`${t('preview')}: ${waybill}`} style={{ aspectRatio: `${width} / ${height}` }} />
      ) : shown ? (
        <Alert color="gray" p="xs" title={t('previewNone')}>
          {shown.why}
        </Alert>
      ) : (
        <Skeleton style={{ aspectRatio: `${width} / ${height}` }} aria-hidden />
      )}
      <Text component="figcaption" size="xs" c="dimmed">
        {t('previewMore')}
      </Text>
    </figure>
  );
};

export default LabelPreview;
