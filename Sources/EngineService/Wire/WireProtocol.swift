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
    A script can drive a training: connect to the engine's socket, a Unix-domain socket in
    $XDG_RUNTIME_DIR/signflip or /tmp/signflip-UID, and speak JSON, one object a line.

    Say first who you are and how points should come (packed, numbers or none):
      {"hello":{"protocol":1,"client":"my script","points":"numbers"}}
    The engine answers
      {"welcome":{"protocol":1,"client":7,"program":"0.1.0","process":1234,"run":"..."}}
    then sends what has happened since the run began, and what happens from now on:
      {"event":"epoch","lane":"binary","branch":1,"epoch":3,"step":1407,"validationAccuracy":0.981,...}
      {"event":"points","lane":"binary","branch":1,"metric":"trainLoss","steps":[...],"values":[...]}
      {"snapshot":{"phase":"training","lanes":[...],...}}
    Commands; without "lane" they speak to all lanes:
      {"id":1,"command":"set","lane":"binary","hyperparameter":"learningRate","value":0.001}
      {"id":2,"command":"pause"}   resume, singleStep, stop, checkpoint, suspend
      {"id":3,"command":"runToEpoch","epoch":10}
      {"id":4,"command":"rewind","lane":"binary","branch":1,"step":1172}
      {"id":5,"command":"fork","lane":"binary","branch":1,"step":1172,
       "settings":[{"hyperparameter":"learningRate","value":0.01}]}
    Most are answered by an event with its id and your client number:
      {"event":"applied","id":1,"client":7,"lane":"binary","step":1180,"change":"set",...}
      {"event":"refused","id":1,"client":7,"reason":"..."}
    What is no message is answered by {"error":"..."}; before the engine ends it says {"goodbye":"..."}.
    NaN and the infinities are "nan", "inf", "-inf".
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
