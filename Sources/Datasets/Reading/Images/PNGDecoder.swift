private import CPNG
internal import FoundationEssentials

/// Decodes PNG with libpng: the stored values, ignoring gAMA, sRGB, iCCP and cHRM.
///
/// Palettes are converted to colours, grey values of 1, 2 and 4 bits are scaled to 0...255, and tRNS is converted to
/// alpha. Of an animation the default image is used.
enum PNGDecoder: ImageDecoder {
  static func recognizes(_ data: Data) -> Bool {
    data.starts(with: [0x89, 0x50, 0x4E, 0x47])
  }

  static func header(of data: Data) throws(ImageFailure) -> ImageHeader {
    let image = try read(data) { image in signflip_png_read(&image, nil) }
    return ImageHeader(
      width: Int(image.width), height: Int(image.height), channels: image.channels > 2 ? 3 : 1,
      depth: Int(image.depth), hasAlpha: image.channels % 2 == 0, orientation: EXIFOrientation.png(data))
  }

  static func samples(of data: Data, _ header: ImageHeader) throws(ImageFailure) -> (ImageSamples, warning: String?) {
    let count = header.width * header.height * (header.channels + (header.hasAlpha ? 1 : 0))
    if header.depth == 16 {
      var words = [UInt16](repeating: 0, count: count)
      _ = try read(data) { image in signflip_png_read(&image, &words) }
      return (.words(words), nil)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    _ = try read(data) { image in signflip_png_read(&image, &bytes) }
    return (.bytes(bytes), nil)
  }

  private static func read(
    _ data: Data, _ body: (inout signflip_png) -> Int32
  ) throws(ImageFailure) -> signflip_png {
    var image = signflip_png()
    image.size = data.count
    let result = data.bytes.withUnsafeBytes { source in
      image.data = source.assumingMemoryBound(to: UInt8.self).baseAddress
      return body(&image)
    }
    guard result == 0 else {
      let text = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      throw ImageFailure(reason: text.isEmpty ? "unknown error of libpng" : text)
    }
    return image
  }
}
