import Datasets
import Tensors
import Testing

@Suite("Augmentation")
struct AugmentationTests {
  private let shape = ImageShape(height: 32, width: 24, channels: 3)
  private let augmentation = Augmentation(crop: 2, flips: true, cutout: 8)

  private func placements(seed: UInt64, epoch: Int) -> [ImagePlacement] {
    (0..<2_000).map { augmentation.placement(of: $0, shape: shape, epoch: epoch, seed: seed) }
  }

  @Test("an image's change is a function of seed, epoch and image")
  func reproducible() {
    let first = placements(seed: 1, epoch: 3)
    #expect(first == placements(seed: 1, epoch: 3))
    #expect(first != placements(seed: 1, epoch: 4))
    #expect(first != placements(seed: 2, epoch: 3))
    #expect(Set(first).count > 1_000)
  }

  @Test("every shift, both mirrorings and all places are about equally frequent")
  func uniform() throws {
    let all = placements(seed: 5, epoch: 0)
    for shift in -2...2 {
      #expect((300...500).contains(all.count { $0.row == shift }))
      #expect((300...500).contains(all.count { $0.column == shift }))
    }
    #expect((900...1_100).contains(all.count(where: \.flips)))
    let holes = all.compactMap(\.hole)
    #expect(holes.count == all.count)
    #expect(Set(holes.map(\.row)) == Set(0..<32))
    #expect(Set(holes.map(\.column)) == Set(0..<24))
  }

  @Test("angles and moves are uniform in their range, and do not change the other draws")
  func anglesAndMoves() {
    var more = augmentation
    (more.rotate, more.shift) = (20, 1.5)
    #expect(more.interpolates && !augmentation.interpolates)
    let all = (0..<2_000).map { more.placement(of: $0, shape: shape, epoch: 0, seed: 5) }
    let values = [all.map { $0.angle / 20 }, all.map { $0.move.down / 1.5 }, all.map { $0.move.right / 1.5 }]
    for values in values {
      #expect(values.allSatisfy { (-1...1).contains($0) })
      for quarter in 0..<4 {
        let lower = -1 + Float(quarter) / 2
        #expect((420...580).contains(values.count { (lower..<lower + 0.5).contains($0) }))
      }
    }
    #expect(zip(all, placements(seed: 5, epoch: 0)).allSatisfy { ($0.row, $0.flips) == ($1.row, $1.flips) })
    #expect(zip(all, placements(seed: 5, epoch: 0)).allSatisfy { $0.hole == $1.hole })
  }

  @Test("without settings nothing changes")
  func empty() {
    #expect(Augmentation().isEmpty)
    #expect(Augmentation().placement(of: 3, shape: shape, epoch: 1, seed: 1) == ImagePlacement())
  }
}
