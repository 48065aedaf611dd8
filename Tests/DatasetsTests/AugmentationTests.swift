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

  @Test("every shift, both sides and all places come about equally often")
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

  @Test("nothing asked for changes nothing")
  func empty() {
    #expect(Augmentation().isEmpty)
    #expect(Augmentation().placement(of: 3, shape: shape, epoch: 1, seed: 1) == ImagePlacement())
  }
}
