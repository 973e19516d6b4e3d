// reader-bench: what the tests are too quick for, with the large model.
//
//   ReaderBench MODEL speed                 seconds at 64, 128, 256 and 512 tokens, and to load
//   ReaderBench MODEL hash [tokens]         a hash of the logits' bits
//   ReaderBench MODEL accuracy REFERENCE    against torch, as scripts/reader/make_test_model.py writes it
//   ReaderBench MODEL pieces TEXTS          pieces of texts (UInt32 length, bytes), for scripts/reader/check_tokeniser.py

import Glibc
import Reader

func read(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { fatalError("cannot open \(path)") }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let count = ftell(file)
  rewind(file)
  return [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
    used = fread(buffer.baseAddress, 1, count, file)
  }
}

func seconds(_ body: () -> Void) -> Double {
  var times: [Double] = []
  for _ in 0..<7 {
    let duration = ContinuousClock().measure(body)
    times.append(Double(duration.components.attoseconds) / 1e18 + Double(duration.components.seconds))
  }
  return times.min()!
}

/// Tokens that look like none in particular.
func someTokens(_ count: Int, _ model: EncoderModel) -> [Int32] {
  var state: UInt32 = 12_345
  var tokens = (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return Int32(999 + Int(state >> 8) % (model.dimensions.vocabulary - 999))
  }
  tokens[0] = model.wordPiece.classifier
  tokens[count - 1] = model.wordPiece.separator
  return tokens
}

/// FNV-1a over the bits.
func hash(_ floats: [Float]) -> UInt64 {
  floats.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 }
}

struct Words {
  let bytes: [UInt8]
  var place = 0
  mutating func word() -> UInt32 {
    defer { place += 4 }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) }
  }
  mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float(bitPattern: word()) } }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fatalError("rbench MODEL speed|hash|accuracy|pieces …") }
let bytes = read(arguments[1])
let model = try EncoderModel(bytes)
let encoder = Encoder(model)

switch arguments[2] {
case "speed":
  print("load", seconds { _ = try! EncoderModel(bytes) })
  for count in [64, 128, 256, 512] {
    let tokens = someTokens(count, model)
    print(count, seconds { _ = encoder.logits(tokens: tokens) })
  }
case "hash":
  let count = arguments.count > 3 ? Int(arguments[3])! : 256
  let logits = encoder.logits(tokens: someTokens(count, model))
  print(count, String(hash(logits), radix: 16), logits[0], logits[1])
case "accuracy":
  var reference = Words(bytes: read(arguments[3]))
  var (worst, sum, squares, cosines, lowest, values) = (Float(0), 0.0, 0.0, 0.0, 1.0, 0)
  let texts = Int(reference.word())
  var all: [Float] = []
  for _ in 0..<texts {
    let tokens = (0..<Int(reference.word())).map { _ in Int32(bitPattern: reference.word()) }
    let pooled = reference.floats(model.dimensions.hidden)
    let logits = reference.floats(model.dimensions.outputs)
    let ours = encoder.logits(tokens: tokens)
    all += ours
    for (a, b) in zip(ours, logits) {
      worst = max(worst, abs(a - b))
      sum += Double(abs(a - b))
      squares += Double(b * b)
      values += 1
    }
    let vector = encoder.pooled(tokens: tokens)
    var (dot, left, right) = (0.0, 0.0, 0.0)
    for (a, b) in zip(vector, pooled) {
      dot += Double(a * b)
      left += Double(a * a)
      right += Double(b * b)
    }
    let cosine = dot / (left * right).squareRoot()
    cosines += cosine
    lowest = min(lowest, cosine)
  }
  print(
    "logits: largest difference", worst, "mean", sum / Double(values), "of size",
    (squares / Double(values)).squareRoot())
  print("pooled: mean cosine", cosines / Double(texts), "lowest", lowest)
  print("hash", String(hash(all), radix: 16))
case "pieces":
  var texts = Words(bytes: read(arguments[3]))
  while texts.place < texts.bytes.count {
    let count = Int(texts.word())
    let text = texts.bytes[texts.place..<texts.place + count]
    texts.place += count
    let tokens = model.wordPiece.tokens(in: text)
    var output = [Int32(tokens.count)]
    for token in tokens {
      output += [token.id, Int32(token.bytes.lowerBound - text.startIndex), Int32(token.bytes.count)]
    }
    output.withUnsafeBytes {
      var rest = $0[...]
      while !rest.isEmpty { rest = rest.dropFirst(write(1, Array(rest), rest.count)) }
    }
  }
default: fatalError("speed, hash, accuracy or pieces")
}
