private import Dispatch
private import Synchronization

/// Reads many images of one size, on all cores.
struct ImageBatch: Sendable {
  /// The size that each must have, and the colours that each gets.
  let header: ImageHeader

  /// The pixels of all files, in their order.
  /// - Parameter progress: told how many percent are done, on the calling thread.
  /// - Throws: `DatasetError` about the first file that is damaged, of another size, or can't be read.
  func pixels(of files: [String], progress: (Int) -> Void) throws -> [UInt8] {
    guard files.count <= DatasetFile.largestSize / header.count else {
      throw DatasetError(
        .tooLarge, path: files[0], expected: "at most \(DatasetFile.largestSize) bytes of pixels",
        found: "\(files.count) images of \(header.count) bytes")
    }
    let blockSize = 32
    var pixels: [UInt8] = []
    pixels.reserveCapacity(files.count * header.count)
    // In rounds, so that the person sees it move.
    for start in stride(from: 0, to: files.count, by: 64 * blockSize) {
      let round = files[start..<min(files.count, start + 64 * blockSize)]
      let blocks = Mutex<[Int: Result<[UInt8], any Error>]>([:])
      DispatchQueue.concurrentPerform(iterations: (round.count + blockSize - 1) / blockSize) { index in
        let block = round.dropFirst(index * blockSize).prefix(blockSize)
        let result = Result { try block.flatMap(image) }
        blocks.withLock { $0[index] = result }
      }
      for (_, block) in blocks.withLock({ $0 }).sorted(by: { $0.key < $1.key }) { pixels += try block.get() }
      progress(100 * round.endIndex / files.count)
    }
    return pixels
  }

  private func image(_ path: String) throws -> [UInt8] {
    let file = try ImageFile(path: path)
    guard file.header.hasSize(of: header) else {
      throw DatasetError(
        .mismatch, path: path, expected: "\(header.size) pixels as the first image has", found: file.header.size)
    }
    return try file.pixels(channels: header.channels)
  }
}
