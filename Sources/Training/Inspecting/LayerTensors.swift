import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import RunStore
import Tensors

/// What a checkpoint has of one layer: its weights, moments and flip counts.
struct LayerTensors: Sendable {
  /// The network.
  let layout: NetworkLayout
  /// The layer.
  let item: NetworkLayout.Item
  /// The size of the images.
  let image: ImageShape
  /// The lane's state.
  let state: LaneState
  /// The latent or float weights, row by row.
  let value: [Float]
  /// The optimizer's moments; nil if there are none.
  let firstMoment, secondMoment: [Float]?
  /// The number of flips of each weight; nil if they are not counted.
  let flipCounts: [UInt16]?

  /// Returns the layer of a name; without one the first layer whose flips are counted, else the first with weights.
  /// - Throws: `ExperimentError` if there is no such layer.
  static func item(_ name: String?, of layout: NetworkLayout) throws -> NetworkLayout.Item {
    let layers = layout.weighted
    let found =
      name.map { name in layers.first { $0.name == name } } ?? layers.first(where: \.countsFlips) ?? layers.first
    guard let found else {
      let names = layers.map(\.name)
      throw ExperimentError(
        code: .unfit,
        message: "expected one of the layers \(names.joined(separator: ", ")), found "
          + (name.map { "“\($0)”\(NearestName.question($0, among: names))" } ?? "none"))
    }
    return found
  }
}

/// A checkpoint file of which only parts are read.
struct PartialCheckpoint {
  private let bytes: ByteStorage
  private let header: SafetensorsHeader
  private let place: String

  /// The file at a path.
  /// - Throws: `SafetensorsError`, `POSIXError`.
  init(path: String) throws { try self.init(ByteStorage(mapping: path), place: path) }

  /// A checkpoint in memory.
  /// - Throws: `SafetensorsError`.
  init(_ image: SafetensorsImage) throws { try self.init(ByteStorage(image.bytes), place: "checkpoint") }

  private init(_ bytes: ByteStorage, place: String) throws {
    (self.bytes, self.place) = (bytes, place)
    do { header = try SafetensorsHeader(reading: bytes) } catch {
      throw SafetensorsError(message: "\(place): \(error.message)")
    }
  }

  /// Reads what there is of a layer.
  /// - Throws: `SafetensorsError`; `ExperimentError` if there is no such layer.
  func layer(_ name: String?) throws -> LayerTensors {
    let layout = try part(NetworkLayout.self, "network")
    let item = try LayerTensors.item(name, of: layout)
    let count = item.weightCount
    guard let value = floats("\(item.name).weights", count) else {
      throw SafetensorsError(message: "\(place): expected \(count) float32 weights of \(item.name), found none")
    }
    return LayerTensors(
      layout: layout, item: item, image: try part(DataDescription.self, "data").image,
      state: try part(LaneState.self, "state"), value: value,
      firstMoment: floats("\(item.name).weights.firstMoment", count),
      secondMoment: floats("\(item.name).weights.secondMoment", count),
      flipCounts: numbers("\(item.name).weights.flipCounts", .uint16, 0..<count, count, UInt16.self))
  }

  /// Reads one weight: its row of weights or, for Bop, of moving averages, and its flips.
  /// - Parameter usesMoment: whether to read the first moment instead of the weights.
  /// - Returns: nil if the layer has another shape.
  func weight(
    _ unit: Int, _ input: Int, of item: NetworkLayout.Item, columns: Int, usesMoment: Bool
  ) -> (row: [Float], flips: Int?)? {
    let name = "\(item.name).weights"
    let range = unit * columns..<(unit + 1) * columns
    guard let row = floats(usesMoment ? name + ".firstMoment" : name, range, of: item.weightCount) else { return nil }
    let place = range.lowerBound + input
    let flips = numbers("\(name).flipCounts", .uint16, place..<place + 1, item.weightCount, UInt16.self)?.first
    return (row, flips.map(Int.init))
  }

  private func floats(_ name: String, _ count: Int) -> [Float]? { floats(name, 0..<count, of: count) }

  // Elements of a tensor of `count` numbers, in float32 or bfloat16.
  private func floats(_ name: String, _ elements: Range<Int>, of count: Int) -> [Float]? {
    numbers(name, .float32, elements, count, UInt32.self)?.map { Float(bitPattern: $0) }
      ?? numbers(name, .bfloat16, elements, count, UInt16.self)?.map { Float(bitPattern: UInt32($0) << 16) }
  }

  // Elements of a tensor; nil if there is none of this name, type and number of elements.
  private func numbers<Number: BitwiseCopyable>(
    _ name: String, _ type: SafetensorsHeader.ElementType, _ elements: Range<Int>, _ count: Int, _ number: Number.Type
  ) -> [Number]? {
    guard let entry = header.entries.first(where: { $0.name == name }), entry.type == type,
      entry.shape.reduce(1, *) == count
    else { return nil }
    let first = entry.range.lowerBound
    return LittleEndian.numbers(
      number, in: bytes, first + elements.lowerBound * type.size..<first + elements.upperBound * type.size)
  }

  private func part<Part: Decodable>(_ type: Part.Type, _ key: String) throws -> Part {
    guard let text = header.metadata[key] else {
      throw SafetensorsError(message: "\(place): expected a checkpoint with “\(key)” in its metadata, found none")
    }
    do { return try EngineJSON.decoder().decode(Part.self, from: Data(text.utf8)) } catch {
      throw SafetensorsError(message: "\(place): “\(key)” of the metadata: \(error)")
    }
  }
}

/// The checkpoints that lead to the newest state of a lane, those of the lanes included that it was forked from.
struct LaneCheckpoints {
  private let directory: String
  private let lane: String
  // The newest first.
  private let all: [Checkpoint]
  /// The lane's branch.
  let branch: Int

  /// The checkpoints of a lane of a recorded run, even while an engine writes it.
  /// - Throws: `StoreError`; `ExperimentError` if there is no such lane.
  init(of name: String, in directory: String) throws {
    let history = try RunArchive.outline(of: directory, points: false)
    guard let lane = history.lineage.lane(name) else {
      throw ExperimentError(code: .unknownLane, message: "\(history.description.id): there is no lane “\(name)”")
    }
    all = history.lineage.checkpoints(of: lane, among: history.checkpoints)
    (self.directory, self.lane, branch) = (directory, name, lane.branch)
  }

  /// Opens the checkpoint at a step, the newest without one.
  /// - Throws: `StoreError`, `SafetensorsError`; `ExperimentError` if there is no such checkpoint.
  func open(step: Int?, branch: Int?) throws -> PartialCheckpoint {
    let found = all.first { (step == nil || $0.step == step) && (branch == nil || $0.branch == branch) }
    guard let found else {
      let steps = all.map { "\($0.step)" }.joined(separator: ", ")
      throw ExperimentError(
        code: .unfit,
        message: "lane \(lane): expected a checkpoint at one of the steps \(steps), found "
          + (step.map { "\($0)" } ?? "none"))
    }
    return try PartialCheckpoint(path: RunArchive.file(of: found, in: directory).path)
  }

  /// Reads one weight in every checkpoint up to a step, oldest first. A checkpoint that was deleted meanwhile is left out.
  func course(
    of request: WeightsRequest, _ item: NetworkLayout.Item, isMoving: Bool, upTo step: Int
  ) throws -> [LayerWeights.Weight.Point] {
    guard let unit = request.unit, let input = request.input, let columns = item.layer.weights?.columns else {
      return []
    }
    return all.reversed().filter { $0.step <= step }.compactMap { checkpoint in
      guard let file = try? RunArchive.file(of: checkpoint, in: directory),
        let part = try? PartialCheckpoint(path: file.path),
        let (row, flips) = part.weight(unit, input, of: item, columns: columns, usesMoment: isMoving)
      else { return nil }
      let u = item.quantized?.quantizer?.signed(row, columns: columns) ?? row
      return .init(step: checkpoint.step, value: Double(u[input]), flips: flips)
    }
  }
}
