import Foundation
import SwiftProtobuf

/// A buffered TensorBoard event file for appending.
final class EventFile {
  /// Whether the directory had no event file before.
  let isFirst: Bool
  private let path: String
  private let handle: FileHandle
  private var buffer = EventRecord()
  // The length of complete records; after an incomplete write the file is truncated to it.
  private var length: UInt64 = 0

  private static let prefix = "events.out.tfevents."
  // A point takes about 60 bytes, so this is some thousand points per write.
  private static let bufferSize = 256 * 1024

  /// Creates the file `events.out.tfevents.<seconds since 1970>.<host>.<process>.<number>.v2` in `folder`, and the
  /// directory if necessary.
  ///
  /// A reader processes the files of a directory sorted by name, and never returns to an earlier one. Therefore a later
  /// file must have a greater name, even if the clock was set back; its time is at least a second after the existing
  /// ones.
  init(folder: String, time: Double) throws(StoreError) {
    let process = ProcessInfo.processInfo
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let host = process.hostName.replacing("/", with: "_")
      let newest = Self.files(in: folder).compactMap(Self.seconds).max()
      let seconds = max(Int(time), newest.map { $0 + 1 } ?? 0)
      isFirst = newest == nil
      path = "\(folder)/\(Self.prefix)\(seconds).\(host).\(process.processIdentifier).0.v2"
      try Data().write(to: URL(filePath: path), options: .withoutOverwriting)
      handle = try FileHandle(forWritingTo: URL(filePath: path))
    } catch {
      throw Self.failure(folder, error)
    }
    var event = TBEvent()
    event.wallTime = time
    event.fileVersion = "brain.Event:2"
    try append(event)
  }

  /// Returns the event files of a directory, sorted by name.
  static func files(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.sorted()
  }

  private static func seconds(_ name: String) -> Int? { Int(name.dropFirst(prefix.count).prefix { $0 != "." }) }

  /// Removes an incomplete record, which a crash may have left, from the end of the newest file in a directory. No
  /// reader has read further than its start.
  static func mend(_ folder: String) throws(StoreError) {
    guard let name = files(in: folder).last else { return }
    let path = "\(folder)/\(name)"
    do {
      let handle = try FileHandle(forUpdating: URL(filePath: path))
      defer { try? handle.close() }
      let size = try handle.seekToEnd()
      let start = size - min(size, UInt64(8 * bufferSize))
      try handle.seek(toOffset: start)
      let tail = [UInt8](try handle.readToEnd() ?? Data())
      if let end = EventRecord.end(in: tail), end < tail.count { try handle.truncate(atOffset: start + UInt64(end)) }
    } catch {
      throw failure(path, error)
    }
  }

  /// Appends a marker that `step` and later steps are no longer valid, so that readers discard them.
  func appendRestart(step: Int, time: Double) throws(StoreError) {
    buffer.appendRestart(step: step, time: time)
    try writeIfFull()
  }

  /// Appends an event.
  func append(_ event: TBEvent) throws(StoreError) {
    do {
      let bytes: [UInt8] = try event.serializedBytes()
      buffer.append(bytes)
    } catch {
      throw StoreError(.failed, "\(path): an event could not be serialized: \(error)")
    }
    try writeIfFull()
  }

  /// Appends one value of a tag.
  func append(tag: [UInt8], step: Int, value: Float, time: Double) throws(StoreError) {
    buffer.append(tag: tag, step: step, value: value, time: time)
    try writeIfFull()
  }

  /// Passes the buffer to the system. If that fails, the buffer is kept and the next call tries again.
  func flush() throws(StoreError) {
    guard !buffer.bytes.isEmpty else { return }
    do {
      try handle.write(contentsOf: Data(buffer.bytes))
    } catch {
      // An incomplete record would hide everything written after it.
      try? handle.truncate(atOffset: length)
      throw Self.failure(path, error)
    }
    length += UInt64(buffer.bytes.count)
    buffer.removeAll()
  }

  /// Flushes and closes the file.
  func close() throws(StoreError) {
    try flush()
    try? handle.close()
  }

  private func writeIfFull() throws(StoreError) {
    if buffer.bytes.count >= Self.bufferSize { try flush() }
  }

  /// Converts a system error for the file at `path`.
  static func failure(_ path: String, _ error: any Error) -> StoreError {
    var errors = [error as NSError]
    while let next = errors.last?.userInfo[NSUnderlyingErrorKey] as? NSError { errors.append(next) }
    let codes = errors.filter { $0.domain == NSPOSIXErrorDomain }.map(\.code)
    let isFull = codes.contains(Int(ENOSPC)) || codes.contains(Int(EDQUOT))
    let isFullByName = (error as? CocoaError)?.code == .fileWriteOutOfSpace
    if isFull || isFullByName { return StoreError(.diskFull, "\(path): the disk is full") }
    return StoreError(.notWritable, "\(path): can't be written: \(error.localizedDescription)")
  }
}
