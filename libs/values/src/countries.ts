// ISO 3166-1: alpha-2 followed by alpha-3
const table =
  'ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN ' +
  'BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI ' +
  'CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA ' +
  'GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN ' +
  'IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ ' +
  'LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ ' +
  'MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF ' +
  'PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN ' +
  'SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR ' +
  'TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE';

const aliases: Readonly<Record<string, string>> = {
  uk: 'GB', england: 'GB', scotland: 'GB', wales: 'GB', greatbritain: 'GB', northernireland: 'GB', el: 'GR', unitedstatesofamerica: 'US', america: 'US',
  korea: 'KR', republicofkorea: 'KR', peoplesrepublicofchina: 'CN', prchina: 'CN', mainlandchina: 'CN', 中国大陆: 'CN', 中华人民共和国: 'CN', 香港: 'HK',
  澳门: 'MO', 台湾: 'TW', 中国香港: 'HK', 中国澳门: 'MO', 中国台湾: 'TW', holland: 'NL', thenetherlands: 'NL', czechrepublic: 'CZ', russianfederation: 'RU', vietnam: 'VN', turkey: 'TR',
  ivorycoast: 'CI', macedonia: 'MK', swaziland: 'SZ', burma: 'MM', uae: 'AE', turkiye: 'TR',
};

/** ISO 3166-1 alpha-2 codes, sorted. */
export const countries: readonly string[] = table.split(' ').map((pair) => pair.slice(0, 2));

const reduced = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/&/g, 'and').replace(/[^\p{L}\p{N}]/gu, '');

let known: Map<string, string> | undefined;

// Built on first use: 249 countries in seven languages cost 20 ms and half a megabyte that not every process needs.
const names = (): Map<string, string> => {
  if (known !== undefined) return known;
  known = new Map();
  for (const language of ['zh-Hant', 'ja', 'es', 'fr', 'de', 'zh-Hans', 'en']) {
    const display = new Intl.DisplayNames([language], { type: 'region' });
    for (const code of countries) known.set(reduced(display.of(code) ?? code), code);
  }
  for (const pair of table.split(' ')) known.set(pair.slice(2).toLowerCase(), pair.slice(0, 2));
  for (const [name, code] of Object.entries(aliases)) known.set(reduced(name), code);
  for (const code of countries) known.set(code.toLowerCase(), code);
  return known;
};

/** ISO 3166-1 alpha-2 of a code or a name ("US", "usa", "Deutschland", "中国"); `undefined` if it is not known. */
export const normaliseCountry = (text: string): string | undefined => (text.length > 100 ? undefined : names().get(reduced(text)));

/** A postcode as it is compared: half-width, upper case, single spaces. Countries disagree on everything else. */
export const normalisePostcode = (text: string): string => text.normalize('NFKC').trim().toUpperCase().replace(/\s+/g, ' ');

/** A street or a name as it is compared (merge keys, duplicates): letters and digits alone, half-width, lower case. */
export const comparable = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
