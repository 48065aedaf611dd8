import Tensors

/// Whether the bytes are those of the array.
func == (bytes: ByteStorage, array: [UInt8]) -> Bool { bytes.elementsEqual(array) }

/// Whether the bytes are those of the array.
func == (bytes: Slice<ByteStorage>, array: [UInt8]) -> Bool { bytes.elementsEqual(array) }
