import RunStore

extension SweepDirectory {
  /// How a trial was stopped.
  enum Stopping {
    /// The process that trains it was asked to stop it.
    case asked
    /// No process trains it, and none will.
    case done
  }

  /// Stops a trial: at once if no process trains it, otherwise after its process's next look at the folder.
  /// - Throws: `SweepError.notTrained` if it has ended; `SweepError`, `StoreError`.
  func stop(trial number: Int) throws -> Stopping {
    let folder = folder(of: number)
    if try TrialRecord.read(in: folder)?.hasEnded == true { throw Self.hasEnded(number) }
    try askToStop(trial: number)
    let claim: SweepClaim
    do {
      claim = try SweepClaim.take(folder, of: "trial \(number)")
    } catch let error as SweepError where error.code == .claimed {
      return .asked
    }
    defer { claim.release() }
    // Read again with the claim: before, another process may have trained it.
    var record = try TrialRecord.read(in: folder) ?? TrialRecord(trial: number)
    if record.hasEnded { throw Self.hasEnded(number) }
    record.state = .stopped
    try record.write(in: folder)
    return .done
  }

  private static func hasEnded(_ number: Int) -> SweepError {
    SweepError(.notTrained, "trial \(number) has ended already")
  }
}
