import CursesBackend
import Foundation
import TerminalUI
import Testing

@Suite("Images to a terminal that draws them")
struct ImageDeliveryTests {
  private func image(_ x: Int, _ value: UInt8, side: Int = 4) -> FrameImage {
    FrameImage(
      area: Rect(x: x, y: 2, width: 2, height: 1), width: side, height: side,
      pixels: Array(repeating: value, count: 3 * side * side), over: Frame(width: 80, height: 24))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("An image is placed over its cells, once, and the cursor is put back")
  func placement() throws {
    var delivery = ImageDelivery()
    #expect(!delivery.isDue)
    delivery.aim(at: [image(9, 7)])
    #expect(delivery.isDue)
    let sent = text(delivery.next(limit: 10_000, now: 0))
    let pattern = /\e7\e\[3;10H\e_Ga=T,q=2,C=1,f=24,s=4,v=4,i=(\d+),p=1,c=2,r=1,m=0;([A-Za-z0-9+\/=]+)\e\\\e8/
    let match = try #require(sent.wholeMatch(of: pattern))
    #expect(Data(base64Encoded: String(match.2)) == Data(repeating: 7, count: 48))
    #expect(!delivery.isDue && delivery.next(limit: 10_000, now: 1).isEmpty)
    // Another image of the place has its number.
    delivery.aim(at: [image(9, 8)])
    #expect(text(delivery.next(limit: 10_000, now: 2)).contains("i=\(match.1),"))
    delivery.aim(at: [])
    #expect(text(delivery.next(limit: 0, now: 3)) == "\u{1B}_Ga=d,d=I,i=\(match.1),q=2\u{1B}\\")
    #expect(!delivery.isDue)
  }

  @Test("A large image is sent in parts of at most 4096 bytes")
  func parts() {
    var delivery = ImageDelivery()
    delivery.aim(at: [image(0, 3, side: 60)])
    let parts = text(delivery.next(limit: 100_000, now: 0)).split(separator: "\u{1B}_G").dropFirst()
    #expect(parts.count == 4 && parts.dropLast().allSatisfy { $0.contains("m=1;") } && parts.last!.contains("m=0;"))
    let data = parts.map { $0.split(separator: ";")[1].prefix { $0 != "\u{1B}" } }
    #expect(data.allSatisfy { $0.utf8.count <= 4096 })
    #expect(Data(base64Encoded: data.joined()) == Data(repeating: 3, count: 10_800))
  }

  @Test("On a slow line images wait, and one that is out of date is taken off")
  func slowLine() {
    var delivery = ImageDelivery()
    delivery.aim(at: [image(0, 1), image(4, 1)])
    #expect(delivery.next(limit: 50, now: 0).isEmpty && delivery.isDue)
    // As many as the line takes.
    #expect(text(delivery.next(limit: 200, now: 0)).components(separatedBy: "a=T").count == 2 && delivery.isDue)
    #expect(text(delivery.next(limit: 200, now: 0)).components(separatedBy: "a=T").count == 2 && !delivery.isDue)
    delivery.aim(at: [image(0, 2), image(4, 1)])
    #expect(delivery.next(limit: 50, now: 1).isEmpty)
    #expect(delivery.next(limit: 50, now: 1.4).isEmpty)
    let late = text(delivery.next(limit: 50, now: 1.6))
    #expect(late.components(separatedBy: "a=d").count == 2 && !late.contains("a=T") && delivery.isDue)
    // What has become equal again needs nothing but its place.
    #expect(text(delivery.next(limit: 200, now: 2)).contains("a=T") && !delivery.isDue)
    #expect(text(delivery.clear()).components(separatedBy: "a=d").count == 3 && delivery.isDue)
  }
}
