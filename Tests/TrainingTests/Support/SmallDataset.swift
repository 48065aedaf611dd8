import Foundation

/// Four IDX files of 4×4 or larger images in a temporary folder. In class c, every fourth column from c on is bright, with
/// some noise.
struct SmallDataset: ~Copyable {
  let folder: URL
  private let side: Int

  init(trainingCount: Int = 400, testCount: Int = 80, side: Int = 4) throws {
    self.side = side
    folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write("train", count: trainingCount, offset: 0)
    try write("t10k", count: testCount, offset: 7)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes an experiment to the same folder.
  func experiment(_ yaml: String) throws -> String {
    let file = folder.appending(path: "experiment.yaml")
    try yaml.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  private func write(_ part: String, count: Int, offset: Int) throws {
    var images = header(0x803, [count, side, side])
    var labels = header(0x801, [count])
    var noise: UInt32 = UInt32(17 + offset)
    for index in 0..<count {
      let label = (index + offset) % 4
      labels.append(UInt8(label))
      for pixel in 0..<side * side {
        noise = noise &* 1_664_525 &+ 1_013_904_223
        let dim = UInt8(noise >> 24) / 4
        images.append(pixel % side % 4 == label ? 255 - dim : dim)
      }
    }
    try images.write(to: folder.appending(path: "\(part)-images-idx3-ubyte"))
    try labels.write(to: folder.appending(path: "\(part)-labels-idx1-ubyte"))
  }

  private func header(_ magic: UInt32, _ sizes: [Int]) -> Data {
    var data = Data()
    for word in [magic] + sizes.map(UInt32.init) { withUnsafeBytes(of: word.bigEndian) { data.append(contentsOf: $0) } }
    return data
  }
}
