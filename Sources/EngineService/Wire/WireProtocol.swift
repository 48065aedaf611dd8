/// The version and limits of the protocol, which PROTOCOL.md describes.
package enum WireProtocol {
  /// The version that both sides must use.
  package static let version = 1
  /// The longest line that the engine reads.
  package static let longestClientLine = 1 << 20
  // Lines with history are far shorter.
  static let longestServerLine = 64 << 20

  /// A summary of the protocol for `signflip engine --help`.
  package static let summary = """
    A script can control a training: connect to the engine's socket, a Unix-domain socket in
    $XDG_RUNTIME_DIR/signflip or /tmp/signflip-UID, and exchange JSON, one object per line.

    First send your name, and the encoding of points (packed, numbers or none):
      {"hello":{"protocol":1,"client":"my script","points":"numbers"}}
    The engine answers
      {"welcome":{"protocol":1,"client":7,"program":"0.1.0","process":1234,"run":"..."}}
    then sends all past events of the run, followed by new ones:
      {"event":"epoch","lane":"binary","branch":1,"epoch":3,"step":1407,"validationAccuracy":0.981,...}
      {"event":"points","lane":"binary","branch":1,"metric":"trainLoss","steps":[...],"values":[...]}
      {"snapshot":{"phase":"training","lanes":[...],...}}
    Commands; without "lane" they apply to all lanes:
      {"id":1,"command":"set","lane":"binary","hyperparameter":"learningRate","value":0.001}
      {"id":2,"command":"pause"}   resume, singleStep, stop, checkpoint, suspend
      {"id":3,"command":"runToEpoch","epoch":10}
      {"id":4,"command":"rewind","lane":"binary","branch":1,"step":1172}
      {"id":5,"command":"fork","lane":"binary","branch":1,"step":1172,
       "settings":[{"hyperparameter":"learningRate","value":0.01}]}
    Most are answered by an event with the command's id and your client number:
      {"event":"applied","id":1,"client":7,"lane":"binary","step":1180,"change":"set",...}
      {"event":"refused","id":1,"client":7,"reason":"..."}
    An invalid message is answered by {"error":"..."}; before it ends, the engine sends {"goodbye":"..."}.
    NaN and infinities are "nan", "inf", "-inf".
    """
}

extension DecodingError {
  /// What was expected where, in one line.
  var words: String {
    switch self {
    case .keyNotFound(let key, let context): "expected “\(key.stringValue)”" + Self.place(context)
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.debugDescription + Self.place(context)
    @unknown default: "not a message"
    }
  }

  private static func place(_ context: Context) -> String {
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? "" : " at \(path)"
  }
}
