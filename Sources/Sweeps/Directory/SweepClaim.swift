import EngineProtocol
import Foundation
import RunStore
import Synchronization

/// A process's exclusive claim on a trial, or on the control of a sweep.
///
/// A claim is a file `claim-N` in a folder, made with link(2) from a file of its own. link(2) fails on the file server if
/// the name exists, also on NFS, where the locks of SQLite and flock(2) depend on the mount. Claims are numbered and never
/// removed: who takes over a dead claim N links claim N+1, so of several processes that see the same dead claim exactly
/// one succeeds, and none can remove the new claim of another. An empty file `claim-N.released` ends a claim.
///
/// A claim of the same boot of the same machine is dead if its process is. That of another machine is dead if its holder
/// has not renewed it for `SweepClaim.lease`: the holder sets the file's time to “now” by the file server's clock, and
/// others compare it with the time of a file that they have just made there, so the machines' clocks don't matter. A holder
/// that can't renew its claim for half the lease stops by itself.
package final class SweepClaim: Sendable {
  /// Who has a claim.
  package struct Owner: Hashable, Codable, Sendable {
    /// The machine's name, for display.
    package var host: String
    /// The process ID.
    package var process: Int32
    // The boot of the machine, the process's namespace, and when it started in clock ticks after the boot.
    var boot: String
    var namespace: String
    var startTicks: String
    /// The Slurm task, “12_3”; nil outside Slurm.
    package var slurmTask: String?

    /// This process.
    static func current() -> Owner {
      let environment = ProcessInfo.processInfo.environment
      let job = environment["SLURM_ARRAY_JOB_ID"] ?? environment["SLURM_JOB_ID"]
      return Owner(
        host: ProcessInfo.processInfo.hostName, process: getpid(), boot: Self.boot, namespace: Self.namespace,
        startTicks: Self.startTicks(of: getpid()) ?? "",
        slurmTask: job.map { $0 + "_" + (environment["SLURM_ARRAY_TASK_ID"] ?? "0") })
    }

    /// For display: “process 812 on node7”.
    package var words: String { "process \(process) on \(host)" }

    /// Whether its process is of this machine, so that it can be looked up and signalled.
    package var isOfThisMachine: Bool { boot == Self.boot && namespace == Self.namespace }

    // Only for an owner of this machine.
    var isRunning: Bool { Self.startTicks(of: process).map { $0 == startTicks } ?? false }

    private static let boot = text("/proc/sys/kernel/random/boot_id")
    private static let namespace =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""

    private static func text(_ path: String) -> String {
      // Files of /proc have no size.
      let data = FileHandle(forReadingAtPath: path).flatMap { try? $0.readToEnd() }
      return String(decoding: data ?? Data(), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // The 22nd field of /proc/PID/stat, counted behind the name in brackets; nil if there is no such process or it is a
    // zombie.
    private static func startTicks(of process: Int32) -> String? {
      let fields = text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
      guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
      return String(fields[19])
    }
  }

  /// Seconds after which a claim that is not renewed is dead.
  package static let lease = 300.0
  /// Seconds between two renewals.
  package static let renewal = 20.0

  /// The claim's file.
  package let path: String
  private let folder: String
  private let number: Int
  private let isReleased = Atomic<Bool>(false)
  private let renewed = Mutex(ContinuousClock.now)

  private init(_ folder: String, _ number: Int) {
    (self.folder, self.number) = (folder, number)
    path = Self.path(folder, number)
  }

  /// Takes the claim of a folder, which is created.
  /// - Throws: `SweepError.claimed` if another process has it; `StoreError` if the folder can't be written.
  package static func take(_ folder: String, of subject: String) throws -> SweepClaim {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError(error, path: folder)
    }
    let owner = Owner.current()
    let own = "\(folder)/.\(UUID().uuidString)"
    try DurableFile.write(EngineJSON.encoder().encode(owner), to: own)
    defer { unlink(own) }
    while true {
      let newest = newest(in: folder)
      if newest > 0, let holder = holder(folder, newest), !isSameTask(holder, owner) {
        throw SweepError(.claimed, "\(subject): \(holder.words) has it")
      }
      let next = path(folder, newest + 1)
      if link(own, next) == 0 || hasTwoNames(own) { return SweepClaim(folder, newest + 1) }
      // Another process was faster: look who.
      guard errno == EEXIST else { throw StoreError(errno: errno, path: next) }
    }
  }

  /// Returns who has the claim of a folder; nil if nobody has.
  package static func holder(of folder: String) -> Owner? {
    let newest = newest(in: folder)
    return newest > 0 ? holder(folder, newest) : nil
  }

  /// Renews the claim, at most every `renewal` seconds.
  /// - Throws: `SweepError.claimed` if another process has taken it over, or it could not be renewed for half the lease.
  package func renew() throws {
    let age = (ContinuousClock.now - renewed.withLock { $0 }) / .seconds(1)
    guard age > Self.renewal else { return }
    guard Self.newest(in: folder) <= number else {
      throw SweepError(.claimed, "\(path): the claim was lost to another process after \(Int(age)) s without renewal")
    }
    // No times: the file server's own “now”.
    if utimes(path, nil) == 0 {
      renewed.withLock { $0 = .now }
    } else if age > Self.lease / 2 {
      throw SweepError(.claimed, "\(path): can't be renewed: \(String(cString: strerror(errno)))")
    }
  }

  /// Whether no other process has taken the claim over.
  package var isHeld: Bool { !isReleased.load(ordering: .relaxed) && Self.newest(in: folder) == number }

  /// Ends the claim.
  package func release() {
    guard !isReleased.exchange(true, ordering: .relaxed) else { return }
    close(open(path + ".released", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
  }

  private static func path(_ folder: String, _ number: Int) -> String { "\(folder)/claim-\(number)" }

  // The number of the newest claim; 0 if there is none.
  private static func newest(in folder: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { $0.hasPrefix("claim-") ? Int($0.dropFirst(6)) : nil }.max() ?? 0
  }

  private static func holder(_ folder: String, _ number: Int) -> Owner? {
    let path = path(folder, number)
    guard access(path + ".released", F_OK) != 0 else { return nil }
    // A claim that can't be read is of somebody, until it is as old as a lease.
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let owner = try? EngineJSON.decoder().decode(Owner.self, from: data)
    if let owner, owner.isOfThisMachine { return owner.isRunning ? owner : nil }
    guard age(of: path, in: folder) < lease else { return nil }
    return owner ?? Owner(host: "an unknown machine", process: 0, boot: "", namespace: "", startTicks: "")
  }

  // Slurm starts a task again only after its former process has ended.
  private static func isSameTask(_ holder: Owner, _ owner: Owner) -> Bool {
    holder.slurmTask != nil && holder.slurmTask == owner.slurmTask && !holder.isOfThisMachine
  }

  // By the file server's clock; 0 if it can't be determined.
  private static func age(of path: String, in folder: String) -> Double {
    let probe = "\(folder)/.\(UUID().uuidString)"
    let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return 0 }
    defer {
      close(descriptor)
      unlink(probe)
    }
    var (now, then) = (stat(), stat())
    guard utimes(probe, nil) == 0, stat(probe, &now) == 0, stat(path, &then) == 0 else { return 0 }
    return Double(now.st_mtim.tv_sec - then.st_mtim.tv_sec)
  }

  // An NFS server may have made the link although its answer was lost.
  private static func hasTwoNames(_ path: String) -> Bool {
    let number = errno
    defer { errno = number }
    var status = stat()
    return stat(path, &status) == 0 && status.st_nlink == 2
  }
}
