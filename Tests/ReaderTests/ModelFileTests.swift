// The file: what is read from it, what is refused, and that nothing in it makes the encoder trap.

import Reader
import Testing

@Suite struct ModelFileTests {
  private func failure(_ bytes: [UInt8]) -> EncoderModel.Failure? {
    do {
      _ = try EncoderModel(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func holdsWhatWasWritten() throws {
    let model = try EncoderModel(TinyModel().bytes)
    #expect(model.names == ["complaint", "enquiry", "praise"])
    #expect(model.metadata == #"{"made":"here"}"#)
    #expect(model.wordPiece.count == TinyModel.pieces.count)
    #expect(model.wordPiece.unknown == 1 && model.wordPiece.classifier == 2 && model.wordPiece.separator == 3)
    let d = model.dimensions
    #expect([d.hidden, d.layers, d.heads, d.intermediate] == [32, 2, 2, 48])
    #expect([d.vocabulary, d.positions, d.types, d.outputs] == [TinyModel.pieces.count, 40, 2, 3])
  }

  @Test func refusesWithTheReason() {
    var file = TinyModel().bytes
    #expect(failure([]) == .tooShort(bytes: 0))
    #expect(failure([UInt8](repeating: 0, count: 40 << 20)) == .tooLong(bytes: 40 << 20, limit: 30 << 20))
    #expect(failure([UInt8](repeating: 7, count: 1_000)) == .notAModel)
    #expect(failure(TinyModel(version: 2).bytes) == .unknownVersion(2))
    #expect(
      failure(file.dropLast(64)) == .wrongLength(stated: UInt64(file.count), found: file.count - 64))
    #expect(
      failure(TinyModel.sealed(file.dropLast(64)))
        == .wrongSections(needed: file.count, found: file.count - 64))
    file[5_000] ^= 1
    guard case .damaged = failure(file) else { return #expect(Bool(false), "a flipped bit went unseen") }

    #expect(failure(TinyModel(hidden: 16, heads: 2).bytes) == .dimension("hidden", 16))
    #expect(failure(TinyModel(intermediate: 40).bytes) == .dimension("intermediate", 40))
    #expect(failure(TinyModel(layers: 0).bytes) == .dimension("layers", 0))
    #expect(failure(TinyModel(positions: 513).bytes) == .dimension("positions", 513))
    #expect(failure(TinyModel(metadata: [0x7B, 0xFF]).bytes) == .notUTF8("metadata"))
    #expect(failure(TinyModel(names: ["a\nb", "c"]).bytes) == .wrongNameCount(stated: 2, found: 3))
    #expect(failure(TinyModel(pieces: ["[UNK]", "[CLS]", "a"]).bytes) == .vocabulary(.missing("[SEP]")))
    #expect(
      failure(TinyModel(pieces: ["[UNK]", "[CLS]", "[SEP]", "a\nb"]).bytes) == .dimension("pieces", 5))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 5_000])
  func refusesNumbersThatAreNone(_ number: Float) {
    let file = TinyModel().bytes
    // The last section is the head's biases.
    var changed = file
    changed.replaceSubrange(file.count - 64..<file.count - 60, with: TinyModel.little(number.bitPattern))
    #expect(failure(TinyModel.sealed(changed)) == .number("head"))
  }

  @Test func seesEveryFlippedBit() {
    let file = TinyModel(layers: 1).bytes
    var dice = Dice(9)
    for _ in 0..<40 {
      var changed = file
      changed[dice.below(file.count)] ^= 1 << UInt8(dice.below(8))
      #expect(failure(changed) != nil)
    }
  }

  /// Bytes with a right checksum are refused or run: whichever, there is no trap and no number that is none.
  @Test func survivesHostileBytes() {
    let file = TinyModel(layers: 1, intermediate: 16, positions: 8, pieces: ["[UNK]", "[CLS]", "[SEP]", "a"])
      .bytes
    var dice = Dice(11)
    var accepted = 0
    for round in 0..<150 {
      var changed = file
      for _ in 0...dice.below(20) {
        // Half of the time in the sizes and texts, where most can go wrong.
        let place = round % 2 == 0 ? 24 + dice.below(300) : 24 + dice.below(file.count - 24)
        changed[place] = [0, 0x7F, 0x80, 0xFF, UInt8(dice.below(256))][dice.below(5)]
      }
      guard let model = try? EncoderModel(TinyModel.sealed(changed)) else { continue }
      accepted += 1
      let text: [UInt8] = Array("a \u{1100} [SEP] \u{FFFF}".utf8) + [0xFF, 0xC3]
      let tokens = model.wordPiece.tokens(in: text[...]).map(\.id)
      let logits = Encoder(model).logits(tokens: [-1, .max] + tokens, types: [255, 9])
      #expect(logits.allSatisfy { $0.isFinite })
    }
    #expect(accepted > 20, "the changes are refused before they can do anything")
  }

  /// The largest numbers that a file may hold still give numbers.
  @Test func staysFiniteAtTheLimits() throws {
    var file = TinyModel().bytes
    let vocabulary = TinyModel.pieces.joined(separator: "\n").utf8.count
    let start = 128 + 64 + 64 + (vocabulary + 63) / 64 * 64
    // Every float of the file becomes 4,096, and so do four weights at a time: 0x45800000.
    for place in stride(from: start, to: file.count, by: 4) {
      file.replaceSubrange(place..<place + 4, with: TinyModel.little(Float(4_096).bitPattern))
    }
    let logits = Encoder(try EncoderModel(TinyModel.sealed(file))).logits(tokens: [2, 4, 5, 3])
    #expect(logits.allSatisfy { $0.isFinite })
  }
}
