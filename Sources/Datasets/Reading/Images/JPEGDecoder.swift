private import CTurboJPEG
internal import FoundationEssentials

/// Decodes JPEG with TurboJPEG, which catches libjpeg's long jumps before they reach Swift.
///
/// Warnings of libjpeg are reported but tolerated, as in image viewers; but an image whose data ends too early is
/// rejected. CMYK is rejected too, because its colours are unknown without a colour profile.
enum JPEGDecoder: ImageDecoder {
  static func recognizes(_ data: Data) -> Bool {
    data.starts(with: [0xFF, 0xD8, 0xFF])
  }

  static func header(of data: Data) throws(ImageFailure) -> ImageHeader {
    try read(data) { decoder, source throws(ImageFailure) in
      var (width, height, sampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
      let result = tjDecompressHeader3(decoder, source, UInt(data.count), &width, &height, &sampling, &space)
      let warning = try warning(of: decoder, result)
      // Such a file has tables only, or was truncated after them.
      guard width > 0, height > 0 else { throw ImageFailure(reason: "a header without an image") }
      guard space != TJCS_CMYK.rawValue, space != TJCS_YCCK.rawValue else {
        throw ImageFailure(reason: "CMYK in place of grey or colour")
      }
      return ImageHeader(
        width: Int(width), height: Int(height), channels: space == TJCS_GRAY.rawValue ? 1 : 3,
        orientation: EXIFOrientation.jpeg(data), warning: warning)
    }
  }

  static func samples(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> (ImageSamples, warning: String?) {
    // libjpeg reports only its first warning. With the header repaired, a warning about the pixels is reported too.
    let data = header.warning == nil ? data : JPEGHeaderRepair.repaired(data)
    let (pixels, warning) = try pixels(of: data, header)
    if warning != nil, !JPEGHeaderRepair.hasEnd(data) { throw ImageFailure(reason: "Premature end of JPEG file") }
    return (.bytes(pixels), warning)
  }

  private static func pixels(
    of data: Data, _ header: ImageHeader
  ) throws(ImageFailure) -> ([UInt8], warning: String?) {
    try read(data) { decoder, source throws(ImageFailure) in
      var pixels = [UInt8](repeating: 0, count: header.count)
      let format = header.channels == 1 ? TJPF_GRAY : TJPF_RGB
      let result = tjDecompress2(
        decoder, source, UInt(data.count), &pixels, Int32(header.width), 0, Int32(header.height), format.rawValue,
        TJFLAG_ACCURATEDCT)
      return (pixels, try warning(of: decoder, result))
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

  /// Returns libjpeg's warning; nil if there is none.
  /// - Throws: `ImageFailure` if decoding failed, or the data ended too early, in which case the rest would be grey.
  private static func warning(of decoder: tjhandle, _ result: Int32) throws(ImageFailure) -> String? {
    guard result != 0 else { return nil }
    let text = tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown error of TurboJPEG"
    guard tjGetErrorCode(decoder) == TJERR_WARNING.rawValue, !text.lowercased().contains("premature end") else {
      throw ImageFailure(reason: text)
    }
    return text
  }
}

/// Removes what libjpeg warns about, but accepts, from a JPEG's header.
enum JPEGHeaderRepair {
  /// Returns the file without bytes between the segments of its header, with a known JFIF version, and with the colour
  /// transform that libjpeg uses if it does not know Adobe's.
  static func repaired(_ data: Data) -> Data {
    let bytes = [UInt8](data)
    var kept = Array(bytes.prefix(2))
    var index = 2
    while index + 3 < bytes.count {
      // A marker is 0xFF and a byte other than 0 and 0xFF.
      guard bytes[index] == 0xFF, bytes[index + 1] != 0, bytes[index + 1] != 0xFF else {
        index += 1
        continue
      }
      guard bytes[index + 1] != 0xDA else { break }
      let end = min(bytes.count, index + 2 + Int(bytes[index + 2]) << 8 + Int(bytes[index + 3]))
      kept += segment(Array(bytes[index..<end]))
      index = end
    }
    return Data(kept + bytes[index...])
  }

  /// Returns whether an end marker follows the start of the first scan.
  static func hasEnd(_ data: Data) -> Bool {
    let bytes = data.span
    var index = bytes.count - 1
    while index > 1 {
      if bytes[index - 1] == 0xFF, bytes[index] == 0xD9 { return true }
      if bytes[index - 1] == 0xFF, bytes[index] == 0xDA { return false }
      index -= 1
    }
    return false
  }

  private static func segment(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    switch bytes[1] {
    case 0xE0 where bytes.dropFirst(4).starts(with: Array("JFIF\0".utf8)) && bytes.count > 10:
      if bytes[9] != 1 { (bytes[9], bytes[10]) = (1, 1) }
    case 0xEE where bytes.dropFirst(4).starts(with: Array("Adobe".utf8)) && bytes.count > 15:
      // 1 means YCbCr, libjpeg's default for three channels; CMYK is rejected separately.
      if bytes[15] > 2 { bytes[15] = 1 }
    default: break
    }
    return bytes
  }
}
