import Foundation
import SwiftProtobuf

/// A TensorBoard event file that grows, behind a buffer.
final class EventFile {
  private let path: String
  private let handle: FileHandle
  private var buffer = EventRecord()
  // What the file holds for sure; a write that breaks off is cut back to here.
  private var length: UInt64 = 0

  // A point takes about 60 bytes: some thousand points a write.
  private static let bufferSize = 256 * 1024

  /// Makes the file `events.out.tfevents.<seconds since 1970>.<host>.<process>.<number>.v2` in `folder`, and the folder.
  ///
  /// A reader takes the files of a folder by name, in order: a later one must have a greater name.
  init(folder: String, time: Double) throws(StoreError) {
    let process = ProcessInfo.processInfo
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let host = process.hostName.replacing("/", with: "_")
      let stem = "\(folder)/events.out.tfevents.\(Int(time)).\(host).\(process.processIdentifier)"
      var number = 0
      while FileManager.default.fileExists(atPath: "\(stem).\(number).v2") { number += 1 }
      path = "\(stem).\(number).v2"
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

  /// Hands the buffer to the system. When that fails the buffer is kept, and the next call tries again.
  func flush() throws(StoreError) {
    guard !buffer.bytes.isEmpty else { return }
    do {
      try handle.write(contentsOf: Data(buffer.bytes))
    } catch {
      // Half a record would hide all that is written later.
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

  /// What the system's error means for what stands at `path`.
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
