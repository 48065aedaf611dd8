#pragma once

#include <zlib.h>

// Wraps what Swift can't import. All names start with signflip_.

/// Starts the decompression of gzip data. zlib verifies the header, checksum and length of each member.
static inline int signflip_inflate_gzip(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
