private import CTurboJPEG
internal import FoundationEssentials

/// Decodes JPEG by TurboJPEG's interface, which catches libjpeg's long jumps before they come to Swift.
///
/// An orientation in EXIF data is not looked at.
enum JPEGDecoder: ImageDecoder {
  static func recognizes(_ data: Data) -> Bool {
    data.starts(with: [0xFF, 0xD8, 0xFF])
  }

  static func header(of data: Data) throws(ImageFailure) -> ImageHeader {
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

  static func pixels(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> [UInt8] {
    try read(data) { decoder, source throws(ImageFailure) in
      var pixels = [UInt8](repeating: 0, count: header.count)
      let format = header.channels == 1 ? TJPF_GRAY : TJPF_RGB
      // A truncated image is only a warning to libjpeg, which fills it up with grey.
      let result = tjDecompress2(
        decoder, source, UInt(data.count), &pixels, Int32(header.width), 0, Int32(header.height), format.rawValue,
        TJFLAG_STOPONWARNING | TJFLAG_ACCURATEDCT)
      guard result == 0 else { throw failure(decoder) }
      return pixels
    }
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
