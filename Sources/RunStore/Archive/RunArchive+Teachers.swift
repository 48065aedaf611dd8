import Foundation

/// Files of `teachers/`: what a lane that others learn from has shown them, `<lane>-<epoch>.safetensors`.
extension RunArchive {
  private var folder: String { directory + "/teachers" }

  /// Where the weights of a lane after an epoch are, or are to be.
  package func teacherFile(of lane: String, epoch: Int) -> String {
    folder + "/\(FileName.unambiguous(lane))-\(epoch).safetensors"
  }

  /// The epochs of a lane whose weights are there.
  package func teacherEpochs(of lane: String) -> Set<Int> {
    let stem = FileName.unambiguous(lane) + "-"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return Set(
      files.compactMap { file in
        guard file.hasPrefix(stem), file.hasSuffix(".safetensors") else { return nil }
        return Int(file.dropFirst(stem.count).dropLast(".safetensors".count))
      })
  }

  /// Writes the weights of a lane after an epoch; they are there whole or not at all.
  /// - Parameter write: writes the file at a path.
  /// - Throws: `StoreError`.
  package func saveTeacher(_ lane: String, epoch: Int, write: (_ path: String) throws -> Void) throws {
    let path = teacherFile(of: lane, epoch: epoch)
    let temporary = path + ".tmp"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      // What a crash has left.
      unlink(temporary)
      try write(temporary)
      try DurableFile.rename(temporary, to: path)
    } catch {
      let failure = StoreError(error, path: path)
      unlink(temporary)
      throw failure
    }
  }
}
