/// An engine that can be served to clients outside its process.
package protocol HostedEngine: EngineClient {
  /// Carries out a client's command.
  /// - Parameters:
  ///   - id: the name under which the command is answered.
  ///   - origin: who asks, for the journal.
  func perform(_ command: EngineCommand, as id: CommandID, origin: String)
  /// Whether the run was put aside, by `EngineCommand.suspend`: there is nothing more to do.
  var isSuspended: Bool { get }
  /// How many clients are connected now.
  func setClientCount(_ count: Int)
}
