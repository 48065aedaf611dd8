private import Foundation

/// Downloads a file from the first of its URLs that has it, and resumes an interrupted download.
package struct FileDownload {
  /// Why a URL was given up.
  private struct Fault: Error {
    let code: DatasetError.Code
    let reason: String
  }

  // Number of connections without data, and of restarts from the beginning, after which a URL is given up.
  private static let patience = 3

  private let item: DownloadPlan.Item
  private let part: PartFile
  private let observer: DownloadObserver
  private var idleTries = 0
  private var restarts = 0
  // Why it was interrupted the last time.
  private var lastCut: String?
  // Whether all received data is from a single response.
  private var isOfOnePiece = true

  /// A download to a part file, which may already contain the beginning of the file.
  package init(of item: DownloadPlan.Item, into part: PartFile, observer: DownloadObserver) {
    self.item = item
    self.part = part
    self.observer = observer
  }

  /// Downloads the whole file and checks it. Received data is kept in the part file, unless it is wrong.
  /// - Throws: `DatasetError` if no URL has the file, the disk is full, or the download is cancelled.
  package mutating func run() throws {
    var faults: [Fault] = []
    for (index, address) in item.addresses.enumerated() {
      do {
        (idleTries, restarts, lastCut) = (0, 0, nil)
        isOfOnePiece = try part.size() == 0
        while true { if try gather(from: address), try check() { return } }
      } catch let fault as Fault {
        faults.append(Fault(code: fault.code, reason: "\(address): \(fault.reason)"))
        if index + 1 < item.addresses.count { observer.note("\(address): \(fault.reason); trying the next mirror") }
      }
    }
    throw DatasetError(
      faults.last?.code ?? .notDownloaded, faults.map(\.reason).joined(separator: "; "))
  }

  /// Downloads the rest of the file, or part of it.
  /// - Returns: whether the file is complete.
  private mutating func gather(from address: String) throws -> Bool {
    let before = try part.size()
    if let size = item.file.size {
      if before == size { return true }
      if before > size { return try beginAgain("the partial file is larger than the source") }
    }
    if before > 0 { isOfOnePiece = false }
    let (outcome, announced) = try transfer(address, from: before)
    let after = try part.size()
    switch outcome {
    case .finished:
      guard let size = item.file.size, after < size else { return true }
      let reason = "expected \(size) bytes, found the end after \(after)"
      // Without a length, the end cannot be distinguished from a lost connection.
      guard announced == after else {
        try wait(hasAdvanced: after > before, reason: reason)
        return false
      }
      if !isOfOnePiece { return try beginAgain(reason) }
      try part.restart()
      throw Fault(code: .wrongChecksum, reason: reason)
    case .cut(let reason): try wait(hasAdvanced: after > before, reason: reason)
    case .notResumed: return try beginAgain("the server cannot resume the download")
    case .tooLong:
      if !isOfOnePiece { return try beginAgain("the server sends more than is missing") }
      try part.restart()
      throw Fault(code: .wrongChecksum, reason: "expected \(item.file.size ?? 0) bytes, found more")
    case .refused(let reason): throw Fault(code: .notDownloaded, reason: reason)
    case .unwritable(let number): throw DatasetError(errno: number, writing: part.path)
    }
    return false
  }

  /// Compares the checksum of the part file, and discards the file if it is wrong.
  /// - Returns: whether it is correct.
  private mutating func check() throws -> Bool {
    let found = try part.sha256(pulse: throwIfInterrupted)
    if found == item.file.sha256 { return true }
    // The part from an earlier download may be what is wrong.
    if !isOfOnePiece, restarts < Self.patience { return try beginAgain("the parts do not form the expected file") }
    try part.restart()
    throw Fault(code: .wrongChecksum, reason: "expected SHA-256 \(item.file.sha256), found \(found)")
  }

  private mutating func beginAgain(_ reason: String) throws -> Bool {
    restarts += 1
    guard restarts <= Self.patience else {
      throw Fault(code: .notDownloaded, reason: [lastCut, reason].compactMap(\.self).joined(separator: "; "))
    }
    observer.note("\(item.file.name): \(reason); starting again")
    try part.restart()
    isOfOnePiece = true
    return false
  }

  /// Waits before the next attempt; throws if several attempts received nothing.
  private mutating func wait(hasAdvanced: Bool, reason: String) throws {
    lastCut = reason
    idleTries = hasAdvanced ? 0 : idleTries + 1
    guard idleTries < Self.patience else { throw Fault(code: .notDownloaded, reason: reason) }
    observer.note("\(item.file.name): \(reason); trying again")
    for _ in 0..<(idleTries + 1) * 5 {
      try throwIfInterrupted()
      usleep(100_000)
    }
  }

  /// Downloads from a URL, starting at an offset.
  /// - Returns: how it ended, and the file's length according to the server.
  private func transfer(_ address: String, from offset: Int) throws -> (Transfer.Outcome, announced: Int?) {
    let transfer = Transfer(
      address: address, file: part.descriptor, offset: offset, limit: item.file.size.map { $0 - offset })
    var rate = TransferRate()
    var isRunning = true
    while isRunning {
      try throwIfInterrupted()
      isRunning = transfer.advance()
      let received = offset + transfer.received
      rate.record(bytes: received, at: ProcessInfo.processInfo.systemUptime)
      observer.progress(
        DownloadProgress(
          name: item.file.name, received: received, total: item.file.size ?? transfer.total,
          bytesPerSecond: rate.bytesPerSecond))
    }
    return (transfer.outcome, transfer.total)
  }

  private func throwIfInterrupted() throws {
    guard observer.isInterrupted() else { return }
    let path = part.path
    throw DatasetError(.interrupted, "interrupted: the received part is in \(path); rerun the command to resume")
  }
}
