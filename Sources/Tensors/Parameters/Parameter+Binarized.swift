// What diagnostics read of latent weights.

extension Parameter {
  /// b: the signs or quantized weights without their scales, row by row; nil without latent weights. They are those of the
  /// newest preparation of operands.
  package var binarizedValues: [Float]? { signs?.bits.signs ?? quantized?.levels.values }

  /// u: what the quantizer takes the sign of, row by row; the value itself for most methods.
  package var signedValues: [Float] {
    quantized?.quantizer.signed(value.values, columns: value.columns) ?? value.values
  }
}
