package import Deployment
package import EngineProtocol
import Foundation
package import NeuralNetworks
import Tensors
import Yams

/// A lane that starts with weights from another program's file.
package struct ImportedLane: Sendable {
  private let file: ForeignTensors
  private let map: ImportMap?
  private let order: WeightImport.FlattenOrder?
  private let didFit: @Sendable (WeightImport) -> Void

  /// Weights to import.
  /// - Parameters:
  ///   - map: which tensor is which; nil to pair them by name, kind and shape.
  ///   - order: the order of values behind a flatten; nil for that of the program that wrote the file.
  ///   - didFit: called with the pairing, before anything is written.
  package init(
    _ file: ForeignTensors, map: ImportMap?, order: WeightImport.FlattenOrder?,
    didFit: @escaping @Sendable (WeightImport) -> Void
  ) {
    (self.file, self.map, self.order, self.didFit) = (file, map, order, didFit)
  }

  /// The text of an experiment of one lane, to import weights for.
  /// - Parameters:
  ///   - network: the name of a network, the units of hidden layers such as `256,256`, or the path of a YAML file: a list of
  ///     layers, or a whole experiment, which is returned as it is.
  ///   - method: nil for BNN, or for that of the experiment.
  ///   - name: the name of the run.
  /// - Throws: `ExperimentError`.
  package static func experiment(network: String, method: Method?, name: String) throws -> String {
    let lines: String
    if network.allSatisfy({ $0.isNumber || $0 == "," }) {
      lines = "    hidden: [\(network)]"
    } else if NetworkLibrary.names.contains(network) || !network.contains(where: { $0 == "/" || $0 == "." }) {
      // Here an error has no line of the text below.
      _ = try NetworkLibrary.text(of: network)
      lines = "    network: \(network)"
    } else {
      let text = try ExperimentResolver.read(network, as: "a network")
      if (try? compose(yaml: text))?.mapping != nil {
        guard method == nil else {
          throw ExperimentError(
            code: .invalidValue, message: "\(network): expected no --method, as the experiment's lanes have their own")
        }
        return text
      }
      // Here errors have the lines of the file.
      _ = try NetworkLibrary.layers(in: text, source: network)
      lines = "    network:\n" + text.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
    }
    // A quoted word in YAML, in which a quote is written twice.
    let quoted = "'\(name.replacingOccurrences(of: "'", with: "''"))'"
    return """
      name: \(quoted)
      lanes:
        - name: imported
          method: \((method ?? .bnn).name)
      \(lines)
      """
  }

  /// Where the weights are from.
  var origin: RunDescription.Imported {
    RunDescription.Imported(file: URL(filePath: file.path).path, sha256: file.sha256)
  }

  /// Checks that an experiment can take imported weights.
  /// - Throws: `ExperimentError`.
  static func check(_ experiment: Experiment) throws {
    let names = experiment.lanes.map(\.name)
    guard names.count == 1 else {
      throw ExperimentError(
        code: .unknownLane,
        message: "expected one lane to import weights for (--lane NAME), found \(names.joined(separator: ", "))")
    }
  }

  /// Fits the weights to a lane's network.
  /// - Throws: `WeightImportError`, `SafetensorsError`.
  func fit(_ layout: NetworkLayout, _ plan: LanePlan, _ image: ImageShape) throws -> WeightImport {
    let network = layout.makeNetwork(plan.network, precision: plan.precision, seed: 0, Compute(threads: 1))
    let weights = try WeightImport(file, into: layout, network, image: image, map: map, order: order)
    didFit(weights)
    return weights
  }
}

extension ImportMap {
  /// Reads a map: a mapping in YAML from the network's tensors to the file's, or to a number; `ignore` is a list of tensors
  /// to leave out.
  /// - Throws: `ExperimentError`.
  package init(yaml text: String, source: String) throws {
    func malformed(_ expectation: String) -> ExperimentError {
      ExperimentError(code: .malformed, message: "\(source): expected \(expectation)")
    }
    let root: Node?
    do { root = try compose(yaml: text) } catch { throw malformed("a map in YAML: \(error)") }
    guard let mapping = root?.mapping else { throw malformed("lines such as `hidden1.weights: net.0.weight`") }
    var (entries, ignored): ([(name: String, value: ImportMap.Value)], [String]) = ([], [])
    for (key, value) in mapping {
      guard let name = key.string else { throw malformed("names of tensors as keys") }
      if name == "ignore" {
        guard let names = value.sequence?.map(\.scalar?.string), names.allSatisfy({ $0 != nil }) else {
          throw malformed("a list of names for “ignore”")
        }
        ignored = names.compactMap { $0 }
      } else if let word = value.scalar?.string {
        let number = value.tag.description.hasSuffix("str") ? nil : value.float.map { Float($0) }
        entries.append((name, number.map { .number($0) } ?? .tensor(word)))
      } else {
        throw malformed("the name of a tensor, or a number, for “\(name)”")
      }
    }
    self.init(entries, ignored: ignored, source: source)
  }
}

extension LocalEngine {
  /// Begins a run of one lane with weights from elsewhere.
  package func start(_ request: ExperimentRequest, importing imported: ImportedLane) {
    prepare("reading the weights", .unasked) { [self] in try NewRun(request, self, importing: imported) }
  }
}
