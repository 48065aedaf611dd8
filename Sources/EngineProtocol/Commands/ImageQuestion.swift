package import Foundation

/// An image about which the lanes are asked.
package enum ImageQuestion: Hashable, Sendable {
  /// A validation image, by its number from 0.
  case validation(Int)
  /// A drawn image: a byte per pixel, row by row, in the size of the data set's images. Colour images get it in every
  /// channel.
  case drawn(Data)
}

/// In JSON, `image` is the number of a validation image, or `pixels` are the bytes of a drawn one in base64.
extension ImageQuestion: Codable {
  private enum CodingKeys: String, CodingKey { case image, pixels }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let pixels = try container.decodeIfPresent(Data.self, forKey: .pixels) {
      self = .drawn(pixels)
    } else {
      self = .validation(try container.decode(Int.self, forKey: .image))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .validation(let image): try container.encode(image, forKey: .image)
    case .drawn(let pixels): try container.encode(pixels, forKey: .pixels)
    }
  }
}
