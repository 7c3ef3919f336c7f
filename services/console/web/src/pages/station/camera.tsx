import { Alert, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../../kit/index.js';
import { words } from './words.js';

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
type DetectorClass = new (options: { readonly formats: readonly string[] }) => Detector;

const formats = ['code_128', 'code_39', 'ean_13', 'ean_8', 'upc_a', 'upc_e', 'itf', 'qr_code', 'data_matrix'];

/** The browser's own, where it has one that reads labels; else a library, whose machine comes from our own address. */
const detector = async (): Promise<Detector> => {
  const own = (globalThis as { BarcodeDetector?: DetectorClass & { getSupportedFormats(): Promise<readonly string[]> } }).BarcodeDetector;
  if (own && (await own.getSupportedFormats()).includes('code_128')) return new own({ formats });
  const [{ BarcodeDetector, prepareZXingModule }, { default: wasm }] = await Promise.all([import('barcode-detector/ponyfill'), import('zxing-wasm/reader/zxing_reader.wasm?url')]);
  prepareZXingModule({ overrides: { locateFile: () => wasm } });
  return new (BarcodeDetector as unknown as DetectorClass)({ formats });
};

/** Reads codes with the phone's camera. The same code stays in sight for many pictures: it is told once, until another one or none is seen. */
export const Camera = ({ onCode }: { readonly onCode: (code: string) => void }) => {
  const t = useWords(words);
  const video = useRef<HTMLVideoElement>(null);
  const [why, setWhy] = useState('');
  const latest = useRef(onCode);
  latest.current = onCode;
  useEffect(() => {
    let stream: MediaStream | undefined;
    let over = false;
    let [told, unseen] = ['', 0];
    const look = async (found: Detector): Promise<void> => {
      while (!over) {
        const element = video.current;
        const codes = element && element.readyState >= 2 ? await found.detect(element).catch(() => []) : [];
        const code = codes[0]?.rawValue.trim() ?? '';
        unseen = code === '' ? unseen + 1 : 0;
        if (code !== '' && code !== told) latest.current((told = code));
        if (unseen > 8) told = '';
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
    };
    const begin = async (): Promise<void> => {
      if (!navigator.mediaDevices) throw new Error('https');
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: 'environment' }, width: { ideal: 1_280 } }, audio: false });
      if (over || !video.current) return;
      video.current.srcObject = stream;
      await video.current.play();
      await look(await detector());
    };
    begin()
      .catch((error: unknown) => over || setWhy(error instanceof Error ? error.message : String(error)))
      .finally(() => stream?.getTracks().forEach((track) => track.stop()));
    return () => {
      over = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  if (why !== '') return <Alert color="yellow">{t('cameraWhy', { why })}</Alert>;
  return (
    <figure className="st-camera">
      <video ref={video} muted playsInline aria-label={t('camera')} />
      <Text component="figcaption" size="sm">
        {t('cameraLooking')}
      </Text>
    </figure>
  );
};

export default Camera;
