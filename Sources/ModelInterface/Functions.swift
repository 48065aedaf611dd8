public import CModelInterface
private import Tensors

// The functions of `signflip_model.h`, which documents them.

/// Opens a packed model.
@_cdecl("signflip_model_open")
public func openModel(
  _ path: UnsafePointer<CChar>?, _ threads: CInt, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> signflip_result {
  let text = UnsafeMutableBufferPointer(start: error, count: error == nil ? 0 : max(0, errorSize))
  guard let path, let model, (1...1024).contains(threads) else {
    write("expected a path, a pointer for the model, and 1 to 1024 threads", to: text)
    return signflip_wrong_argument
  }
  model.pointee = nil
  do {
    let open = try OpenModel(path: String(cString: path), threads: Int(threads))
    model.pointee = OpaquePointer(Unmanaged.passRetained(open).toOpaque())
    return signflip_ok
  } catch {
    write("\(error)", to: text)
    return signflip_no_model
  }
}

/// Returns the size of an image and the number of classes.
@_cdecl("signflip_model_info")
public func modelSize(_ model: OpaquePointer?, _ size: UnsafeMutablePointer<signflip_model_size>?) -> signflip_result {
  guard let model, let size else { return signflip_wrong_argument }
  let open = open(model)
  size.pointee = signflip_model_size(
    height: open.image.height, width: open.image.width, channels: open.image.channels, classes: open.outputs)
  return signflip_ok
}

/// Returns the name of a class.
@_cdecl("signflip_model_class_name")
public func modelClassName(_ model: OpaquePointer?, _ number: Int) -> UnsafePointer<CChar>? {
  guard let model else { return nil }
  return open(model).name(of: number)
}

/// Computes the logits of images.
@_cdecl("signflip_model_run")
public func runModel(
  _ model: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ count: Int, _ logits: UnsafeMutablePointer<Float>?
) -> signflip_result {
  guard let model, count >= 0 else { return signflip_wrong_argument }
  guard count > 0 else { return signflip_ok }
  let open = open(model)
  guard let pixels, let logits, count <= Int.max / max(open.imageBytes, 4 * open.outputs) else {
    return signflip_wrong_argument
  }
  open.run(pixels, count: count, logits)
  return signflip_ok
}

/// Closes a model.
@_cdecl("signflip_model_close")
public func closeModel(_ model: OpaquePointer?) {
  guard let model else { return }
  Unmanaged<OpenModel>.fromOpaque(UnsafeRawPointer(model)).release()
}

private func open(_ model: OpaquePointer) -> OpenModel {
  Unmanaged<OpenModel>.fromOpaque(UnsafeRawPointer(model)).takeUnretainedValue()
}

// Copies as many whole characters as fit.
private func write(_ words: String, to text: UnsafeMutableBufferPointer<CChar>) {
  guard text.count > 0 else { return }
  var count = 0
  for character in words {
    let bytes = String(character).utf8
    guard count + bytes.count < text.count else { break }
    for byte in bytes {
      text[count] = CChar(bitPattern: byte)
      count += 1
    }
  }
  text[count] = 0
}
