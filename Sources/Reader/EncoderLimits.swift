// What an encoder's file may ask for, in one place. A file beyond a limit is refused before anything is
// allocated for it.

enum EncoderLimits {
  /// A model is kept in memory as it came; 30 MB holds six layers of 384 with their vocabulary.
  static let fileBytes = 30 << 20
  /// Free text about the model.
  static let metadataBytes = 1 << 20
  static let namesBytes = 1 << 16
  /// The trie of the pieces takes at most one node for each byte of this.
  static let vocabularyBytes = 1 << 20

  static let hidden = 16...1_024
  static let layers = 1...24
  static let heads = 1...64
  static let intermediate = 16...4_096
  static let vocabulary = 3...65_536
  static let positions = 1...512
  static let types = 1...16
  static let outputs = 1...1_024

  /// Rows of a matrix are read sixteen columns at a time, so every width is a multiple of this.
  static let lane = 16
  /// Floats of a file are finite and at most 2^12 in size. Whatever bytes arrive, the encoder then stays
  /// among the finite numbers: normalised rows stay below 2^18, products of them below 2^48, attention scores
  /// below 2^106, the second product of a layer below 2^80. Only a variance may become infinite, and the row
  /// it divides is then zero.
  static let magnitude: Float = 4_096
  /// Longest word, in scalars after normalisation, that is split in pieces (BERT's max_input_chars_per_word).
  static let wordScalars = 100
}
