private import CTurboJPEG
internal import FoundationEssentials

/// Decodes JPEG by TurboJPEG's interface, which catches libjpeg's long jumps before they come to Swift.
///
/// An orientation in EXIF data is not looked at. Stray bytes before a marker, which some cameras and editors leave, are passed
/// over in the header and at the end; whatever else libjpeg warns of is damage of the image.
enum JPEGDecoder: ImageDecoder {
  static func recognizes(_ data: Data) -> Bool {
    data.starts(with: [0xFF, 0xD8, 0xFF])
  }

  static func header(of data: Data) throws(ImageFailure) -> ImageHeader {
    do {
      return try intactHeader(of: data)
    } catch {
      guard error.tellsOfStrayBytes else { throw error }
      return try intactHeader(of: withoutStrayBytes(data))
    }
  }

  static func pixels(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> [UInt8] {
    do {
      return try intactPixels(of: data, header)
    } catch {
      guard error.tellsOfStrayBytes else { throw error }
      // libjpeg tells its first warning alone: without those of the header, the next one is heard too.
      let cleaned = withoutStrayBytes(data)
      do {
        return try intactPixels(of: cleaned, header)
      } catch {
        // Whoever looks for the end has decoded all pixels, and nothing comes after it.
        guard error.tellsOfStrayBytes, error.reason.hasSuffix("before marker 0xd9") else { throw error }
        return try pixels(of: cleaned, header, flags: 0)
      }
    }
  }

  private static func intactHeader(of data: Data) throws(ImageFailure) -> ImageHeader {
    try read(data) { decoder, source throws(ImageFailure) in
      var (width, height, sampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
      guard tjDecompressHeader3(decoder, source, UInt(data.count), &width, &height, &sampling, &space) == 0 else {
        throw failure(decoder)
      }
      // That of a file with tables alone, or cut off after them.
      guard width > 0, height > 0 else { throw ImageFailure(reason: "a header without an image") }
      guard space != TJCS_CMYK.rawValue, space != TJCS_YCCK.rawValue else {
        throw ImageFailure(reason: "CMYK in place of grey or colour")
      }
      return ImageHeader(
        width: Int(width), height: Int(height), channels: space == TJCS_GRAY.rawValue ? 1 : 3)
    }
  }

  private static func intactPixels(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> [UInt8] {
    // A truncated image is only a warning to libjpeg, which fills it up with grey.
    try pixels(of: data, header, flags: TJFLAG_STOPONWARNING)
  }

  private static func pixels(of data: Data, _ header: ImageHeader, flags: Int32) throws(ImageFailure) -> [UInt8] {
    try read(data) { decoder, source throws(ImageFailure) in
      var pixels = [UInt8](repeating: 0, count: header.count)
      let format = header.channels == 1 ? TJPF_GRAY : TJPF_RGB
      let result = tjDecompress2(
        decoder, source, UInt(data.count), &pixels, Int32(header.width), 0, Int32(header.height), format.rawValue,
        flags | TJFLAG_ACCURATEDCT)
      let isWarning = tjGetErrorCode(decoder) == TJERR_WARNING.rawValue
      guard result == 0 || (isWarning && flags & TJFLAG_STOPONWARNING == 0) else { throw failure(decoder) }
      return pixels
    }
  }

  /// The file without the bytes that stand between the segments of its header, up to the first scan.
  private static func withoutStrayBytes(_ data: Data) -> Data {
    let bytes = [UInt8](data)
    var kept = bytes.prefix(2)
    var index = 2
    while index + 3 < bytes.count {
      // A marker is 0xFF and a byte that is neither 0 nor 0xFF.
      guard bytes[index] == 0xFF, bytes[index + 1] != 0, bytes[index + 1] != 0xFF else {
        index += 1
        continue
      }
      guard bytes[index + 1] != 0xDA else { break }
      let end = min(bytes.count, index + 2 + Int(bytes[index + 2]) << 8 + Int(bytes[index + 3]))
      kept += bytes[index..<end]
      index = end
    }
    return Data(kept + bytes[index...])
  }

  private static func read<Value>(
    _ data: Data, _ body: (tjhandle, UnsafePointer<UInt8>) throws(ImageFailure) -> Value
  ) throws(ImageFailure) -> Value {
    guard let decoder = tjInitDecompress() else { throw ImageFailure(reason: "TurboJPEG has no memory") }
    defer { tjDestroy(decoder) }
    return try data.bytes.withUnsafeBytes { source throws(ImageFailure) in
      guard let start = source.assumingMemoryBound(to: UInt8.self).baseAddress else {
        throw ImageFailure(reason: "no data")
      }
      return try body(decoder, start)
    }
  }

  private static func failure(_ decoder: tjhandle) -> ImageFailure {
    ImageFailure(reason: tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown error of TurboJPEG")
  }
}

extension ImageFailure {
  // As libjpeg has it: “Corrupt JPEG data: 3 extraneous bytes before marker 0xdb”.
  fileprivate var tellsOfStrayBytes: Bool { reason.contains(" extraneous bytes before marker ") }
}
