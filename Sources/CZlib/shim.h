#pragma once

#include <zlib.h>

// What Swift cannot import. Every name begins with signflip_.

/// Begins to decompress gzip data: zlib then verifies header, checksum and length of each member.
static inline int signflip_inflate_gzip(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
