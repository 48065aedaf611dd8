/// The bytes of TFRecords. Each record is the length, its checksum, the message and its checksum, all little-endian.
struct EventRecord {
  /// The bytes appended since `removeAll`.
  private(set) var bytes: [UInt8] = []

  /// Removes the bytes but keeps their memory.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Appends a serialized message.
  mutating func append(_ message: some Collection<UInt8>) {
    appendHeader(length: message.count)
    let start = bytes.count
    bytes.append(contentsOf: message)
    append(CRC32C.masked(bytes[start...]))
  }

  /// Appends the event `{wall_time: time, step, summary {value {tag, simple_value: value}}}`.
  ///
  /// It is written field by field: points are the only events that come in millions, and message objects would take ten
  /// times as much memory.
  mutating func append(tag: [UInt8], step: Int, value: Float, time: Double) {
    let step = UInt64(bitPattern: Int64(step))
    let valueLength = 1 + Self.length(UInt64(tag.count)) + tag.count + 5
    let summaryLength = 1 + Self.length(UInt64(valueLength)) + valueLength
    let length = 9 + 1 + Self.length(step) + 1 + Self.length(UInt64(summaryLength)) + summaryLength
    appendHeader(length: length)
    let start = bytes.count
    bytes.append(0x09)  // Event.wall_time, 64 bits
    append(time.bitPattern)
    bytes.append(0x10)  // Event.step, varint
    append(varint: step)
    bytes.append(0x2A)  // Event.summary
    append(varint: UInt64(summaryLength))
    bytes.append(0x0A)  // Summary.value
    append(varint: UInt64(valueLength))
    bytes.append(0x0A)  // Value.tag
    append(varint: UInt64(tag.count))
    bytes.append(contentsOf: tag)
    bytes.append(0x15)  // Value.simple_value, 32 bits
    append(value.bitPattern)
    append(CRC32C.masked(bytes[start...]))
  }

  /// Appends the event `{wall_time: time, step, session_log {status: START}}`.
  mutating func appendRestart(step: Int, time: Double) {
    var message = EventRecord()
    message.bytes.append(0x09)
    message.append(time.bitPattern)
    message.bytes.append(0x10)
    message.append(varint: UInt64(max(0, step)))
    message.bytes += [0x3A, 2, 0x08, 1]  // Event.session_log, of 2 bytes: SessionLog.status = START
    append(message.bytes)
  }

  /// Returns the end of the last complete record at the end of a file; nil if there is no record.
  static func end(in tail: [UInt8]) -> Int? {
    // A length with a valid checksum starts a record.
    func length(at place: Int) -> Int? {
      guard place + 12 <= tail.count else { return nil }
      let number = (0..<8).reduce(UInt64(0)) { $0 | UInt64(tail[place + $1]) << (8 * UInt64($1)) }
      let checksum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(tail[place + 8 + $1]) << (8 * UInt32($1)) }
      guard number < 1 << 31, CRC32C.masked(tail[place..<(place + 8)]) == checksum else { return nil }
      return Int(number)
    }
    guard var end = tail.indices.first(where: { length(at: $0) != nil }) else { return nil }
    while let length = length(at: end), end + 16 + length <= tail.count {
      let message = tail[(end + 12)..<(end + 12 + length)]
      let checksum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(tail[end + 12 + length + $1]) << (8 * UInt32($1)) }
      guard CRC32C.masked(message) == checksum else { break }
      end += 16 + length
    }
    return end
  }

  private mutating func appendHeader(length: Int) {
    let start = bytes.count
    append(UInt64(length))
    append(CRC32C.masked(bytes[start...]))
  }

  private mutating func append(_ number: some FixedWidthInteger) {
    var rest = number
    for _ in 0..<(number.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private mutating func append(varint number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func length(_ number: UInt64) -> Int { max(1, (70 - number.leadingZeroBitCount) / 7) }
}

/// The Castagnoli checksum of TFRecord files.
///
/// The polynomial is `x³² + x²⁸ + x²⁷ + ... + 1`, reflected `0x82F63B78` (RFC 3720, appendix B.4). It is implemented
/// here because zlib only has the checksum of gzip and PNG; gzip data is verified by zlib itself.
enum CRC32C {
  /// Returns the checksum of `bytes`.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    return ~crc
  }

  /// Returns the checksum as stored in a TFRecord: rotated by 15 bits, plus `0xA282EAD8`, so that it differs from a
  /// checksum of itself.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let crc = checksum(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
  }
}
