import { deflateSync, inflateSync } from 'node:zlib';
import { readPictureHeader } from './picture-header.ts';

const NAMESPACE = 'https://emulsion.invalid/graph/1/';

/** A JPEG segment holds 65,533 bytes; a longer packet would be dropped without a word. */
const MAX_JPEG_PACKET_BYTES = 65_000;
const MAX_GRAPH_BYTES = 64 * 2 ** 20;

/** What other programs may write instead, too, when they save the packet anew. */
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/**
 * The XMP packet that carries a graph inside a picture: readable text where it fits, deflated where JPEG's segments are too small.
 * Undefined when even that is too long.
 */
export function makeGraphPacket(graphText: string, format: 'png' | 'webp' | 'jpeg'): string | undefined {
  const plain = wrapPacket(`<emulsion:graph>${escapeXml(graphText)}</emulsion:graph>`);
  if (format !== 'jpeg' || Buffer.byteLength(plain) <= MAX_JPEG_PACKET_BYTES) return plain;
  const packed = deflateSync(graphText, { level: 9 }).toString('base64');
  const deflated = wrapPacket(`<emulsion:graphDeflated>${packed}</emulsion:graphDeflated>`);
  return deflated.length <= MAX_JPEG_PACKET_BYTES ? deflated : undefined;
}

/** The text of the graph that a picture file carries; undefined when it carries none. Untrusted, like any graph file. */
export function readPictureGraph(bytes: Uint8Array): string | undefined {
  const packet = readPictureHeader(bytes)?.xmp;
  if (packet === undefined) return undefined;
  const plain = between(packet, '<emulsion:graph>', '</emulsion:graph>');
  if (plain !== undefined) return unescapeXml(plain);
  const packed = between(packet, '<emulsion:graphDeflated>', '</emulsion:graphDeflated>');
  if (packed === undefined) return undefined;
  try {
    return inflateSync(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_GRAPH_BYTES }).toString('utf8');
  } catch {
    return undefined; // damaged, or a bomb
  }
}

function wrapPacket(element: string): string {
  return (
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>' +
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description rdf:about="" xmlns:emulsion="${NAMESPACE}">${element}</rdf:Description>` +
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
  );
}

function between(text: string, before: string, after: string): string | undefined {
  const start = text.indexOf(before);
  const end = start < 0 ? -1 : text.indexOf(after, start);
  return end < 0 ? undefined : text.slice(start + before.length, end);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:(lt|gt|quot|apos|amp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name, decimal, hexadecimal) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hexadecimal), 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
