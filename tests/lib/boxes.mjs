// MP4 boxes as tests need them: what is in an init, and when the samples of a fragment are decoded and presented.

// The boxes in a buffer: [type, content]; throws if they do not fill it.
export function boxes(b) {
  const found = [];
  for (let at = 0; at < b.length; ) {
    const length = b.readUInt32BE(at);
    if (length < 8 || at + length > b.length)
      throw new Error(`a box of ${length} bytes at ${at} of ${b.length}`);
    found.push([b.toString("latin1", at + 4, at + 8), b.subarray(at + 8, at + length)]);
    at += length;
  }
  return found;
}

export const child = (b, ...path) =>
  path.reduce((inner, type) => inner && boxes(inner).find(([t]) => t === type)?.[1], b);

// Of an init: ticks of a second.
export const scaleOf = init => {
  const mdhd = child(init, "moov", "trak", "mdia", "mdhd");
  return mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
};

// Reads 32 bits after the other.
const reader = (b, at) => ({
  next: () => b.readUInt32BE((at += 4) - 4),
  signed: () => b.readInt32BE((at += 4) - 4),
  skip: n => (at += n),
});

function defaults(tfhd) {
  const flags = tfhd.readUInt32BE(0) & 0xffffff;
  const r = reader(tfhd, 8);
  r.skip((flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0));
  const length = flags & 8 ? r.next() : 0;
  const size = flags & 16 ? r.next() : 0;
  return { length, size, flags: flags & 32 ? r.next() : 0 };
}

// Of a fragment (moof, mdat) of that scale: decoded from, to (seconds); key; samples: {shown (seconds), bytes}.
export function fragment(part, scale) {
  const traf = child(part, "moof", "traf");
  const usual = defaults(child(traf, "tfhd"));
  const tfdt = child(traf, "tfdt");
  const trun = child(traf, "trun");
  const data = child(part, "mdat");
  const from = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
  const flags = trun.readUInt32BE(0) & 0xffffff;
  const r = reader(trun, 8);
  if (flags & 1) r.next();
  let own = flags & 4 ? r.next() : usual.flags;
  const samples = [];
  let to = from;
  let at = 0;
  let key;
  for (let i = 0; i < trun.readUInt32BE(4); i++) {
    const length = flags & 0x100 ? r.next() : usual.length;
    const size = flags & 0x200 ? r.next() : usual.size;
    if (flags & 0x400) own = r.next();
    const shift = flags & 0x800 ? r.signed() : 0;
    key ??= !(own & 0x10000);
    samples.push({ shown: (to + shift) / scale, bytes: data.subarray(at, (at += size)) });
    to += length;
  }
  if (at !== data.length) throw new Error(`an mdat of ${data.length} bytes with samples of ${at}`);
  return { from: from / scale, to: to / scale, key, samples };
}
