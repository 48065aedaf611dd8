import CTurboJPEG

/// A JPEG writer.
enum JPEG {
  /// An image of the best quality, without subsampling of colours.
  /// - Parameters:
  ///   - values: shape `[height, width, channels]`, row-major: 1 channel for grey, 3 for colour, 4 for CMYK.
  ///   - channels: the number of values per pixel.
  static func image(_ width: Int, _ height: Int, _ values: [UInt8], channels: Int) -> [UInt8] {
    let format = [1: TJPF_GRAY, 3: TJPF_RGB, 4: TJPF_CMYK][channels]
    let sampling = channels == 1 ? TJSAMP_GRAY : TJSAMP_444
    let encoder = tjInitCompress()
    defer { tjDestroy(encoder) }
    var start: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    let result = tjCompress2(
      encoder, values, Int32(width), 0, Int32(height), format?.rawValue ?? 0, &start, &count,
      Int32(sampling.rawValue), 100, 0)
    precondition(result == 0)
    defer { tjFree(start) }
    return [UInt8](UnsafeBufferPointer(start: start, count: Int(count)))
  }
}
