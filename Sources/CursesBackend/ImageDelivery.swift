import Foundation
package import TerminalUI

/// Sends the images of frames by the graphics protocol of Kitty: what has changed, as far as the line allows.
///
/// An image lies over cells that show the same in blocks. So an image that must wait is not missed; one that was replaced
/// and must wait for long is taken off.
/// - SeeAlso: sw.kovidgoyal.net/kitty/graphics-protocol
package struct ImageDelivery: Sendable {
  /// The question whether the terminal draws images. Terminals that do not know it answer nothing.
  package static let question = "\u{1B}_Gi=\(InputParser.imageQuestion),s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\"
  /// On a line with a smaller window no images are drawn: they would not arrive.
  package static let leastWindow = 8192

  /// For so many seconds an image is left where a newer one is to be.
  package static let patience = 0.5
  // No other program in the same window has these numbers.
  private static let firstID = 0x5F11_0000
  // The longest part of an image in one sequence.
  private static let chunk = 4096

  private struct Shown {
    var image: FrameImage
    var id: Int
    // Since when it is out of date; nil if it is not.
    var isStaleSince: Double?
  }

  private var target: [FrameImage] = []
  private var shown: [Shown] = []

  /// A delivery that has shown nothing.
  package init() {}

  /// Whether anything is to be sent.
  package private(set) var isDue = false

  /// Sets the images to show.
  package mutating func aim(at images: [FrameImage]) {
    guard target != images else { return }
    target = images
    look()
  }

  /// Returns what to send next.
  /// - Parameter limit: the bytes available. Images are sent whole; taking one off costs few bytes, and is always done.
  /// - Returns: empty if nothing may be sent.
  package mutating func next(limit: Int, now: Double) -> [UInt8] {
    guard isDue else { return [] }
    var result: [UInt8] = []
    for place in shown.indices.reversed() where !target.contains(where: { $0.area == shown[place].image.area }) {
      result += Self.removal(shown.remove(at: place).id)
    }
    for image in target {
      let place = shown.firstIndex { $0.image.area == image.area }
      if let place, shown[place].image == image {
        shown[place].isStaleSince = nil
        continue
      }
      let id = place.map { shown[$0].id } ?? freeID
      let bytes = Self.placement(image, id)
      if result.count + bytes.count <= limit {
        result += bytes
        if let place {
          shown[place] = Shown(image: image, id: id)
        } else {
          shown.append(Shown(image: image, id: id))
        }
      } else if let place {
        let since = shown[place].isStaleSince ?? now
        shown[place].isStaleSince = since
        if now - since >= Self.patience { result += Self.removal(shown.remove(at: place).id) }
      }
    }
    look()
    return result
  }

  /// Takes all images off.
  /// - Returns: what to send.
  package mutating func clear() -> [UInt8] {
    let result = shown.flatMap { Self.removal($0.id) }
    shown = []
    look()
    return result
  }

  private mutating func look() { isDue = Set(shown.map(\.image)) != Set(target) }

  private var freeID: Int {
    let used = Set(shown.map(\.id))
    return (Self.firstID...).first { !used.contains($0) } ?? Self.firstID
  }

  // The cursor is put back, and so are colours: ncurses believes them to be as they were.
  private static func placement(_ image: FrameImage, _ id: Int) -> [UInt8] {
    let area = image.area
    var result = Array("\u{1B}7\u{1B}[\(area.y + 1);\(area.x + 1)H".utf8)
    let data = Array(Data(image.pixels).base64EncodedString().utf8)
    var start = 0
    repeat {
      let end = min(data.count, start + chunk)
      let keys =
        start == 0
        ? "a=T,q=2,C=1,f=24,s=\(image.width),v=\(image.height),i=\(id),p=1,c=\(area.width),r=\(area.height)," : ""
      result += Array("\u{1B}_G\(keys)m=\(end < data.count ? 1 : 0);".utf8) + data[start..<end]
      result += [0x1B, 0x5C]
      start = end
    } while start < data.count
    return result + Array("\u{1B}8".utf8)
  }

  private static func removal(_ id: Int) -> [UInt8] { Array("\u{1B}_Ga=d,d=I,i=\(id),q=2\u{1B}\\".utf8) }
}
