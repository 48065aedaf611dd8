/// The machine and the engine's share of it, measured once a second.
package struct MachineState: Hashable, Codable, Sendable {
  /// The processor's name; nil if unknown.
  package var processor: String?
  /// Number of cores that the lanes share.
  package var cores: Int
  /// Bytes of main memory; nil if unknown.
  package var memoryBytes: Int?
  /// Bytes of main memory that programs can still get; nil if unknown, or in a recording.
  package var availableBytes: Int?
  /// Bytes of main memory that the engine's process uses; nil in a recording.
  package var residentBytes: Int?
  /// Cores that the engine's process kept busy over the last second; nil in a recording.
  package var busyCores: Double?
  /// Processes of the whole machine that computed or waited for a core, on average over the last minute; nil in a
  /// recording.
  package var load: Double?

  /// The state of a machine.
  package init(
    processor: String? = nil, cores: Int, memoryBytes: Int? = nil, availableBytes: Int? = nil,
    residentBytes: Int? = nil, busyCores: Double? = nil, load: Double? = nil
  ) {
    self.processor = processor
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.availableBytes = availableBytes
    self.residentBytes = residentBytes
    self.busyCores = busyCores
    self.load = load
  }
}
