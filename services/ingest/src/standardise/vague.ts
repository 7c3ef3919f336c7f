const phrases =
  /老地方|^同上|你懂的|你知道的|上次(?:的|那个)?地(?:址|方)|(?:还是|跟|和|同)上(?:次|回)|老地址|到(?:了|时)?(?:再)?(?:打|给我打)?电话(?:联系)?$|^(?:电话)?联系我?$|^随便|^不知道|^待定|^默认|^无$|^暂无|same (?:place|address|as)|as (?:before|last time)|you know (?:where|it)|^(?:tbd|n\/a|none|unknown|home|call me)$|tempat (?:sama|biasa)|alamat sama/iu;
const near = /(?:旁边?|附近|对面|门口|楼下|那边|那里|这边|隔壁|后面|前面|边上|周围|路口|一带)$/u;
const nearFirst = /^(?:near|close to|behind|next to|opposite|beside|in front of|across from|around|by the|dekat|depan|belakang|sebelah|berhampiran|berdekatan|hadapan|di depan|di sebelah)\b/iu;
/** What a courier can go by: a number, a village and its group, a room, a locker. */
const exact = /\d|[零一二三四五六七八九十]+(?:号|栋|幢|单元|室|楼|组|队|社)|[村寨屯庄](?:$|[^口])|驿站|丰巢|快递柜|代收点/u;

/** Whether a courier could not find it: words that only the buyer understands, or a landmark alone. `detail`: without the divisions. */
export const isVague = (detail: string): boolean => {
  const text = detail.normalize('NFKC').trim();
  // What a platform masks is exact enough for its own e-waybill.
  if (text === '' || text.includes('*')) return false;
  if (phrases.test(text) && !exact.test(text)) return true;
  return !exact.test(text) && (near.test(text) || nearFirst.test(text));
};
