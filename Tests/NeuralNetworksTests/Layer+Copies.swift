import NeuralNetworks
import Tensors

extension Layer {
  /// The output for `input`, with signs as floats. `input` is not changed.
  func output(of input: Tensor, _ pass: PassContext) -> Tensor {
    switch forward(.real(input.copied()), pass) {
    case .real(let tensor): return tensor.copied()
    case .signs(let batch):
      let tensor = Tensor(rows: 0, columns: batch.columns)
      pass.compute.unpack(batch, into: tensor)
      return tensor
    }
  }

  /// The input's gradient. `outputGradient` is not changed.
  func inputGradient(_ outputGradient: Tensor, _ pass: PassContext) -> Tensor {
    backward(outputGradient.copied(), needsInputGradient: true, pass).copied()
  }
}

extension Tensor {
  /// Another tensor with the same elements.
  func copied() -> Tensor { Tensor(rows: rows, columns: columns, values: values) }
}

extension Parameter {
  /// The weights that products read, row-major; nil if there are none.
  var operandValues: [Float]? {
    switch form {
    case .unread: nil
    case .real(let operand): operand.values
    case .binary(let signs): signs.bits.signs
    }
  }
}
