import NeuralNetworks
import Yams

extension ExperimentWriter {
  /// A residual block, as `LayerListReader` reads it.
  func residual(_ layers: [LayerPlan], _ shortcut: LayerPlan.Shortcut) -> Node {
    let word: Node
    switch shortcut {
    case .identity: word = Node("identity")
    case .zeroPadding: word = Node("zeroPad")
    case .layers(let others): word = Node(others.map(layer))
    }
    return mapping([("residual", mapping([("shortcut", word), ("layers", Node(layers.map(layer)))]))])
  }
}
