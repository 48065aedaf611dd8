private import CPNG
internal import FoundationEssentials

/// Decodes PNG by libpng's simplified interface, which catches libpng's long jumps before they come to Swift.
///
/// Palettes become colours, 16 bits become 8, and what is transparent is laid on black.
enum PNGDecoder: ImageDecoder {
  static func recognizes(_ data: Data) -> Bool {
    data.starts(with: [0x89, 0x50, 0x4E, 0x47])
  }

  static func header(of data: Data) throws(ImageFailure) -> ImageHeader {
    try read(data) { image, _ in ImageHeader(image) }
  }

  static func pixels(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> [UInt8] {
    try read(data) { image, failure throws(ImageFailure) in
      let hasAlpha = image.format & PNG_FORMAT_FLAG_ALPHA != 0
      image.format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA
      // Without it 16-bit images that tell no gamma would be taken for linear light, and brightened.
      image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      let stride = header.channels + (hasAlpha ? 1 : 0)
      var pixels = [UInt8](repeating: 0, count: header.width * header.height * stride)
      let result = pixels.withUnsafeMutableBytes { png_image_finish_read(&image, nil, $0.baseAddress, 0, nil) }
      // 1 is a warning: of damaged data, or of a chunk beside them that changes no pixel.
      let isWhole = image.warning_or_error == 0 || !tellsOfDamage(image)
      guard result != 0, image.warning_or_error <= 1, isWhole else { throw failure(image) }
      return hasAlpha ? onBlack(pixels, channels: header.channels) : pixels
    }
  }

  /// Opens an image and gives it back to libpng afterwards.
  private static func read<Value>(
    _ data: Data, _ body: (inout png_image, (png_image) -> ImageFailure) throws(ImageFailure) -> Value
  ) throws(ImageFailure) -> Value {
    // libpng keeps the pointer until the image is freed.
    try data.bytes.withUnsafeBytes { source throws(ImageFailure) in
      var image = png_image()
      image.version = UInt32(PNG_IMAGE_VERSION)
      defer { png_image_free(&image) }
      guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
        throw failure(image)
      }
      return try body(&image, failure)
    }
  }

  // Warnings about the pixels' own data; those of other chunks begin with the chunk's name.
  private static func tellsOfDamage(_ image: png_image) -> Bool {
    let text = message(of: image)
    return ["IDAT", "IHDR", "PLTE", "IEND", "CRC", "mage data"].contains { text.contains($0) }
  }

  private static func message(of image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func failure(_ image: png_image) -> ImageFailure {
    let text = message(of: image)
    return ImageFailure(reason: text.isEmpty ? "unknown error of libpng" : text)
  }

  /// Computes `value·alpha/255`, rounded, of pixels whose last value is alpha.
  private static func onBlack(_ pixels: [UInt8], channels: Int) -> [UInt8] {
    var opaque: [UInt8] = []
    opaque.reserveCapacity(pixels.count / (channels + 1) * channels)
    for start in stride(from: 0, to: pixels.count, by: channels + 1) {
      let alpha = Int(pixels[start + channels])
      for value in pixels[start..<start + channels] { opaque.append(UInt8((Int(value) * alpha + 127) / 255)) }
    }
    return opaque
  }
}

extension ImageHeader {
  fileprivate init(_ image: png_image) {
    self.init(
      width: Int(image.width), height: Int(image.height), channels: image.format & PNG_FORMAT_FLAG_COLOR != 0 ? 3 : 1)
  }
}
